-- Drops what is too old from the log of changes, and notes how far. $1 ids to keep at least, $2 rows to drop at most.
WITH aged AS (
    SELECT c.number, sum(c.size) OVER (ORDER BY c.number DESC) - c.size AS newer
    FROM {schema}.change c
), gone AS (
    DELETE FROM {schema}.change c
    WHERE c.number = ANY (ARRAY(SELECT a.number FROM aged a WHERE a.newer >= $1::int8 ORDER BY a.number LIMIT $2::int8))
    RETURNING c.xid
)
UPDATE {schema}.maintenance m
SET state = greatest(m.state::numeric, g.newest)::text
FROM (SELECT max(xid::text::numeric) AS newest FROM gone) g
WHERE m.name = 'changes' AND g.newest IS NOT NULL
