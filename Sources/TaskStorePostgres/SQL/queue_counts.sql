SELECT queue, sum(ready)::int8, sum(scheduled)::int8, sum(running)::int8, bool_or(paused)
FROM (
    SELECT
        queue, count(*) FILTER (WHERE state < 2 AND run_at <= {now}) AS ready,
        count(*) FILTER (WHERE state < 2 AND run_at > {now}) AS scheduled, count(*) FILTER (WHERE state = 2) AS running,
        false AS paused
    FROM {schema}.task_live
    GROUP BY queue
    UNION ALL
    SELECT name, 0, 0, 0, true FROM {schema}.paused_queue
) q
GROUP BY queue
ORDER BY queue
