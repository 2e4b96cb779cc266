-- When the next task of these queues becomes due. $1 queues.
SELECT min(n.run_at)
FROM unnest($1::text[]) AS q (name)
CROSS JOIN LATERAL (
    SELECT s.run_at
    FROM {schema}.task_live s
    WHERE s.state = 1 AND s.queue = q.name AND s.run_at > {now}
    ORDER BY s.run_at
    LIMIT 1
) n
WHERE NOT EXISTS (SELECT FROM {schema}.paused_queue p WHERE p.name = q.name)
