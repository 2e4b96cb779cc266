SELECT 1 FROM task_state
WHERE key = (SELECT key FROM task WHERE id = ?1) AND stage = 2 AND fence = ?2 AND worker = ?3
