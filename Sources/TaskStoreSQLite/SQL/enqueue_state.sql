INSERT INTO task_state (
    key, finished, stage, queue, priority, sequence, timeout, run_at, created_at, updated_at,
    attempts, lost_attempts, fence, version, unique_key
)
VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 0, 0, 0, 1, ?9)
