INSERT INTO {schema}.attempt (task, fence, number, worker, started_at, finished_at, outcome, error)
SELECT *
FROM unnest(
    $1::uuid[], $2::int8[], $3::int4[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[]
)
