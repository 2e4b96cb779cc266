-- Whether it is time for a piece of maintenance, and nobody else's turn. $1 name, $2 microseconds until the next time.
UPDATE {schema}.maintenance m
SET next_at = {now} + $2::int8 * interval '1 microsecond'
WHERE m.name = ANY (ARRAY(
    SELECT n.name FROM {schema}.maintenance n WHERE n.name = $1::text AND n.next_at <= {now} FOR UPDATE SKIP LOCKED
))
RETURNING m.name
