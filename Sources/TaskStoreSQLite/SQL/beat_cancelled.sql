SELECT t.id
FROM task_state s INDEXED BY task_state_running
CROSS JOIN task t NOT INDEXED ON t.key = s.key
WHERE s.stage = 2 AND s.worker = ?1 AND s.cancel_requested_at IS NOT NULL
ORDER BY t.id
