-- Takes the rows that claim_find found in the same transaction: the same condition, order and limit.
-- ?1 queue, ?2 now, ?3 limit, ?4 worker, ?5 grace. One statement for a batch costs half of one for each row.
UPDATE task_state
SET
    stage = 2, fence = fence + 1, attempts = attempts + 1, version = version + 1, progress = NULL,
    started_at = ?2, updated_at = ?2, worker = ?4, deadline = ?2 + timeout + ?5
WHERE key IN (
    SELECT key
    FROM task_state INDEXED BY task_state_ready
    WHERE stage = 0 AND queue = ?1 AND run_at <= ?2
    ORDER BY priority DESC, sequence
    LIMIT ?3
)
