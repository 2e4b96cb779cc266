-- $1 worker, $2 microseconds. Answers whether its lease was good until now.
WITH known AS (SELECT w.lease_until > {now} AS is_alive FROM {schema}.worker w WHERE w.name = $1::text),
renewed AS (
    INSERT INTO {schema}.worker AS w (name, lease_until)
    VALUES ($1::text, {now} + $2::int8 * interval '1 microsecond')
    ON CONFLICT (name) DO UPDATE SET lease_until = greatest(w.lease_until, excluded.lease_until)
)
SELECT coalesce((SELECT is_alive FROM known), false), {now}
