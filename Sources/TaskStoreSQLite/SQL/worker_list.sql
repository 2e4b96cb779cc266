SELECT
    w.name, w.lease_until,
    (SELECT count(*) FROM task_state s INDEXED BY task_state_running WHERE s.stage = 2 AND s.worker = w.name)
FROM worker w
ORDER BY w.name
