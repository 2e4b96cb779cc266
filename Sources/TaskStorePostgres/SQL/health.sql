-- What keeps dead rows from being removed: the oldest snapshot of this database, in seconds; and how many of them live tasks have.
-- A transaction that wrote keeps them by its identifier, even while it has no snapshot; a VACUUM by neither.
SELECT
    coalesce((
        SELECT max(extract(epoch FROM now() - a.xact_start))::int8
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
            AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
            AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = a.pid)
    ), 0),
    coalesce((
        SELECT max(extract(epoch FROM now() - p.prepared))::int8 FROM pg_prepared_xacts p WHERE p.database = current_database()
    ), 0),
    coalesce(pg_stat_get_dead_tuples(to_regclass('{schema}.task_live')), 0),
    coalesce(pg_stat_get_live_tuples(to_regclass('{schema}.task_live')), 0)
