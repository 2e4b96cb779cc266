UPDATE task_state
SET
    finished = ?2, stage = ?3, priority = ?4, sequence = ?5, run_at = ?6, updated_at = ?7, attempts = ?8,
    lost_attempts = ?9, fence = ?10, version = ?11, started_at = ?12, finished_at = ?13, cancel_requested_at = ?14,
    deadline = ?15, worker = ?16, unique_key = ?17, progress = ?18, checkpoint = ?19, error = ?20, result = ?21
WHERE key = ?1
