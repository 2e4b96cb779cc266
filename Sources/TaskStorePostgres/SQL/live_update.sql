-- Rows that this transaction has locked. An update, not a new row: who waits for the row must find it again.
-- The parameters are live_insert's.
UPDATE {schema}.task_live l
SET
    seq = v.seq, run_at = v.run_at, updated_at = v.updated_at, started_at = v.started_at,
    cancel_requested_at = v.cancel_requested_at, deadline = v.deadline, fence = v.fence, version = v.version, rank = v.rank,
    attempts = v.attempts, lost_attempts = v.lost_attempts, state = v.state, worker = v.worker, progress = v.progress,
    checkpoint = v.checkpoint, error = v.error
FROM unnest(
    $1::uuid[], $2::int8[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
    $8::timestamptz[], $9::int8[], $10::int8[], $11::int8[], $12::int4[], $13::int4[], $14::int4[], $15::int2[],
    $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[]
) AS v (
    id, seq, run_at, created_at, updated_at, started_at, cancel_requested_at, deadline, timeout_us, fence, version, rank,
    attempts, lost_attempts, state, queue, worker, unique_key, progress, checkpoint, error
)
WHERE l.id = ANY (ARRAY[v.id])
