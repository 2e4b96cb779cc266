-- Queued tasks whose time has come move to where claims look. $1 queues, $2 limit.
UPDATE {schema}.task_live l
SET state = 0
WHERE l.ctid = ANY (ARRAY(
    SELECT s.ctid
    FROM {schema}.task_live s
    WHERE s.state = 1 AND s.queue = ANY ($1::text[]) AND s.run_at <= {now}
    LIMIT $2::int8
    FOR UPDATE SKIP LOCKED
))
