INSERT INTO {schema}.task_done (
    id, seq, run_at, created_at, updated_at, started_at, cancel_requested_at, finished_at, timeout_us, fence, version, rank,
    attempts, lost_attempts, state, worker, progress, checkpoint, error, result
)
SELECT *
FROM unnest(
    $1::uuid[], $2::int8[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
    $8::timestamptz[], $9::int8[], $10::int8[], $11::int8[], $12::int4[], $13::int4[], $14::int4[], $15::int2[],
    $16::text[], $17::text[], $18::text[], $19::text[], $20::text[]
)
