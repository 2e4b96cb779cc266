SELECT outcome, task::text AS task
FROM {schema}.enqueue_and_notify(
    $1::text::uuid, $2::text, $3::text, $4::text, $5::text::int4, $6::text::timestamptz, $7::text::int4, $8::text::int8, $9::text,
    $10::text, $11::text::uuid, $12::text, $13::text, $14::text::int8, $15::text
)
