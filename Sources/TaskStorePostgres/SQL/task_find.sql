-- Tasks wherever they are. $1 ids.
SELECT {columns}, {live_columns}
FROM {schema}.task t
JOIN {schema}.task_live l ON l.id = ANY (ARRAY[t.id])
WHERE t.id = ANY ($1::uuid[])
UNION ALL
SELECT {columns}, {done_columns}
FROM {schema}.task t
JOIN {schema}.task_done l ON l.id = ANY (ARRAY[t.id])
WHERE t.id = ANY ($1::uuid[])
