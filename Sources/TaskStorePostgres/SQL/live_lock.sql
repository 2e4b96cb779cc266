-- Active tasks, locked in order of their ids. $1 ids.
SELECT {columns}, l.state, l.updated_at, l.started_at, NULL::timestamptz, l.cancel_requested_at, l.deadline, l.worker, l.progress, NULL::text
FROM {schema}.task_live l
JOIN {schema}.task t ON t.id = ANY (ARRAY[l.id])
WHERE l.id = ANY ($1::uuid[])
ORDER BY l.id
FOR UPDATE OF l
