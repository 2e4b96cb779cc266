-- Active tasks, locked in order of their ids. $1 ids.
SELECT {columns}, {live_columns}
FROM {schema}.task_live l
JOIN {schema}.task t ON t.id = ANY (ARRAY[l.id])
WHERE l.id = ANY ($1::uuid[])
ORDER BY l.id
FOR UPDATE OF l
