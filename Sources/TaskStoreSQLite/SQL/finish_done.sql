-- ?1 id, ?2 fence, ?3 worker, ?4 result, ?5 now. Changes nothing when the lease is stale.
UPDATE task_state
SET
    finished = 2, stage = NULL, result = ?4, error = NULL, checkpoint = NULL, unique_key = NULL, deadline = NULL,
    finished_at = ?5, updated_at = ?5, version = version + 1
WHERE key = (SELECT key FROM task WHERE id = ?1) AND stage = 2 AND fence = ?2 AND worker = ?3
