-- Dead workers that run nothing. ?1 now.
DELETE FROM worker
WHERE lease_until <= ?1
    AND NOT EXISTS (SELECT 1 FROM task_state INDEXED BY task_state_running WHERE stage = 2 AND worker = worker.name)
