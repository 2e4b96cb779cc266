-- Running tasks of these workers and those past their deadline, locked. $1 workers, $2 limit.
-- Looks only at these, for all running tasks may be many; whoever is being finished right now is passed over.
SELECT l.id, l.worker = ANY ($1::text[])
FROM {schema}.task_live l
WHERE l.ctid = ANY (ARRAY(
        (SELECT a.ctid FROM {schema}.task_live a WHERE a.state = 2 AND a.worker = ANY ($1::text[]) LIMIT $2::int8)
        UNION ALL
        (SELECT d.ctid FROM {schema}.task_live d WHERE d.deadline <= {now} LIMIT $2::int8)
    ))
    AND l.state + 0 = 2 AND (l.worker = ANY ($1::text[]) OR l.deadline <= {now})
ORDER BY l.id
LIMIT $2::int8
FOR UPDATE OF l SKIP LOCKED
