SELECT
    w.name, w.lease_until, (SELECT count(*) FROM {schema}.task_live l WHERE l.state = 2 AND l.worker = w.name)
FROM {schema}.worker w
ORDER BY w.name
