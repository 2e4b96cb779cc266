-- Tasks wherever they are. $1 ids.
SELECT {columns}, l.state, l.updated_at, l.started_at, NULL::timestamptz, l.cancel_requested_at, l.deadline, l.worker, l.progress, NULL::text
FROM {schema}.task t
JOIN {schema}.task_live l ON l.id = ANY (ARRAY[t.id])
WHERE t.id = ANY ($1::uuid[])
UNION ALL
SELECT {columns}, l.state, l.updated_at, l.started_at, l.finished_at, l.cancel_requested_at, NULL::timestamptz, l.worker, l.progress, l.result
FROM {schema}.task t
JOIN {schema}.task_done l ON l.id = ANY (ARRAY[t.id])
WHERE t.id = ANY ($1::uuid[])
