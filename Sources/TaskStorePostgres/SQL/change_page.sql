-- What became visible since a snapshot (NULL: nothing), up to another (NULL: now): $1 from, $2 to, $3 first number, $4 rows.
-- Every row has the snapshot of now, and whether the log still reaches back to the first.
SELECT
    pg_current_snapshot()::text,
    (SELECT m.state::xid8 < pg_snapshot_xmin($1::text::pg_snapshot) FROM {schema}.maintenance m WHERE m.name = 'changes'),
    c.number, c.ids
FROM (VALUES (true)) one
LEFT JOIN LATERAL (
    SELECT c.number, c.ids
    FROM {schema}.change c
    WHERE c.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
        AND NOT pg_visible_in_snapshot(c.xid, $1::text::pg_snapshot)
        AND ($2::text IS NULL OR pg_visible_in_snapshot(c.xid, $2::text::pg_snapshot))
        AND c.number >= $3::int8
    ORDER BY c.number
    LIMIT $4::int8
) c ON true
