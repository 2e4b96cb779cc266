-- Every parameter is a text, so that no driver has to know a type. $6: microseconds since 1970, split so that no digit is lost.
SELECT outcome, task::text AS task
FROM {schema}.enqueue_and_notify(
    $1::text::uuid, $2::text, $3::text, $4::text, $5::text::int4,
    'epoch'::timestamptz + $6::text::int8 / 1000000 * interval '1 second' + $6::text::int8 % 1000000 * interval '1 microsecond',
    $7::text::int4, $8::text::int8, $9::text, $10::text, $11::text::uuid, $12::text, $13::text, $14::text::int8, $15::text
)
