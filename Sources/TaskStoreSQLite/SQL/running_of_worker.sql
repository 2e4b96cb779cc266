SELECT key FROM task_state INDEXED BY task_state_running WHERE stage = 2 AND worker = ?1
