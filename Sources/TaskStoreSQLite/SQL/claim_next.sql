SELECT min(run_at) FROM task_state INDEXED BY task_state_scheduled WHERE stage = 1 AND queue = ?1
