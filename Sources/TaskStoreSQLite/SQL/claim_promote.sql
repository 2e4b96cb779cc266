-- Queued tasks whose time has come move to where claims look. ?1 queue, ?2 now, ?3 limit.
UPDATE task_state
SET stage = 0
WHERE key IN (
    SELECT key
    FROM task_state INDEXED BY task_state_scheduled
    WHERE stage = 1 AND queue = ?1 AND run_at <= ?2
    LIMIT ?3
)
