-- Finished tasks that are too old, oldest first, with everything about them. $1 states, $2 not younger than (one each), $3 limit.
WITH old AS (
    SELECT d.id
    FROM {schema}.task_done d
    JOIN unnest($1::int2[], $2::timestamptz[]) AS p (state, age_limit) ON d.state = p.state AND d.finished_at <= p.age_limit
    WHERE d.finished_at <= (SELECT max(a) FROM unnest($2::timestamptz[]) AS a)
    ORDER BY d.finished_at, d.id
    LIMIT $3::int8
    FOR UPDATE OF d SKIP LOCKED
), gone AS (
    DELETE FROM {schema}.task_done d WHERE d.id = ANY (ARRAY(SELECT id FROM old)) RETURNING d.id, d.state
), requests AS (
    DELETE FROM {schema}.task t WHERE t.id = ANY (ARRAY(SELECT id FROM gone))
), attempts AS (
    DELETE FROM {schema}.attempt a WHERE a.task = ANY (ARRAY(SELECT id FROM gone))
), keys AS (
    DELETE FROM {schema}.idempotency i WHERE i.task = ANY (ARRAY(SELECT id FROM gone))
)
SELECT state, count(*) FROM gone GROUP BY state
