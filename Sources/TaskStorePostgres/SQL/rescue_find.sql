-- Running tasks of these workers or of unknown ones, and those past their deadline, locked. $1 workers, $2 limit.
-- Looks at every running task, of which there are as many as slots; whoever is being finished right now is passed over.
-- In the order of the index of running tasks: any other would make the server walk through every active task instead.
SELECT l.id, l.worker = ANY ($1::text[]) OR w.name IS NULL
FROM {schema}.task_live l
LEFT JOIN {schema}.worker w ON w.name = l.worker
WHERE l.state = 2 AND (l.worker = ANY ($1::text[]) OR w.name IS NULL OR l.deadline <= {now})
ORDER BY l.worker
LIMIT $2::int8
FOR UPDATE OF l SKIP LOCKED
