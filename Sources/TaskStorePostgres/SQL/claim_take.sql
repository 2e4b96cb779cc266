-- $1 queue, $2 limit, $3 worker, $4 grace in microseconds, $5 and $6 the place to begin after. The rows are found by their places: any other form may become a walk
-- through the table once statistics are old. A row that changed since the statement began is passed over, for its request may be older.
WITH taken AS (
    UPDATE {schema}.task_live l
    SET
        state = 2, fence = l.fence + 1, attempts = l.attempts + 1, version = l.version + 1, progress = NULL,
        started_at = {now}, updated_at = {now}, worker = $3::text,
        deadline = {now} + (l.timeout_us + $4::int8) * interval '1 microsecond'
    WHERE l.ctid = ANY (ARRAY(
        SELECT r.ctid
        FROM {schema}.task_live r
        WHERE r.state = 0 AND r.queue = $1::text AND r.run_at <= {now} AND (r.rank, r.seq) > ($5::int4, $6::int8)
            AND NOT EXISTS (SELECT FROM {schema}.paused_queue p WHERE p.name = $1::text)
        ORDER BY r.rank, r.seq
        LIMIT $2::int8
        FOR UPDATE SKIP LOCKED
    ))
    RETURNING
        l.id, l.rank, l.seq, l.run_at, l.timeout_us, l.created_at, l.attempts, l.lost_attempts, l.fence, l.version,
        l.checkpoint, l.error, l.started_at
), logged AS (
    INSERT INTO {schema}.change (ids, at) SELECT array_agg(id), {now} FROM taken HAVING count(*) > 0
)
SELECT
    t.id, t.name, t.queue, t.owner, t.parent, t.max_attempts, t.metadata, t.options, t.input,
    s.rank, s.seq, s.run_at, s.timeout_us, s.created_at, s.attempts, s.lost_attempts, s.fence, s.version, s.checkpoint,
    s.error, s.started_at
FROM taken s
JOIN {schema}.task t ON t.id = ANY (ARRAY[s.id])
