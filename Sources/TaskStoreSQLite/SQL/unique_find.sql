SELECT key FROM task_state WHERE unique_key = ?1
