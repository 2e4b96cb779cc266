-- ?1 now. Ready and scheduled tasks are counted within their indexes.
SELECT queue, sum(ready), sum(scheduled), sum(running), max(paused)
FROM (
    SELECT queue, sum(run_at <= ?1) AS ready, sum(run_at > ?1) AS scheduled, 0 AS running, 0 AS paused
    FROM task_state INDEXED BY task_state_ready WHERE stage = 0 GROUP BY queue
    UNION ALL
    SELECT queue, sum(run_at <= ?1), sum(run_at > ?1), 0, 0
    FROM task_state INDEXED BY task_state_scheduled WHERE stage = 1 GROUP BY queue
    UNION ALL
    SELECT queue, 0, 0, count(*), 0
    FROM task_state INDEXED BY task_state_running WHERE stage = 2 GROUP BY queue
    UNION ALL
    SELECT name, 0, 0, 0, 1 FROM paused_queue
)
GROUP BY queue
ORDER BY queue
