SELECT outcome, task
FROM {schema}.enqueue(
    $1::uuid, $2::text, $3::text, $4::text, $5::int4, $6::timestamptz, $7::int4, $8::int8, $9::text, $10::text, $11::uuid,
    $12::text, $13::text, $14::int8, $15::text, {now}
)
