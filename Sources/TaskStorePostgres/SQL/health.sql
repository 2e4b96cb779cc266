-- What keeps dead rows from being removed: the oldest snapshot of this database, in seconds; and how many of them live tasks have.
SELECT
    coalesce((
        SELECT max(extract(epoch FROM now() - a.xact_start))::int8
        FROM pg_stat_activity a
        WHERE a.datname = current_database() AND a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid()
    ), 0),
    coalesce((
        SELECT max(extract(epoch FROM now() - p.prepared))::int8 FROM pg_prepared_xacts p WHERE p.database = current_database()
    ), 0),
    coalesce(pg_stat_get_dead_tuples(to_regclass('{schema}.task_live')), 0),
    coalesce(pg_stat_get_live_tuples(to_regclass('{schema}.task_live')), 0)
