-- Finished tasks, locked in order of their ids. $1 ids.
SELECT {columns}, l.state, l.updated_at, l.started_at, l.finished_at, l.cancel_requested_at, NULL::timestamptz, l.worker, l.progress, l.result
FROM {schema}.task_done l
JOIN {schema}.task t ON t.id = ANY (ARRAY[l.id])
WHERE l.id = ANY ($1::uuid[])
ORDER BY l.id
FOR UPDATE OF l
