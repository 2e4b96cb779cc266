-- ?1 queue, ?2 now, ?3 limit. The columns are the first of record_columns.
SELECT
    t.key, t.id, t.name, t.queue, t.owner, t.parent, t.max_attempts, t.metadata, t.options, t.input,
    s.priority, s.timeout, s.run_at, s.created_at, s.attempts, s.lost_attempts, s.fence, s.version, s.error, s.checkpoint
FROM task_state s INDEXED BY task_state_ready
CROSS JOIN task t NOT INDEXED ON t.key = s.key
WHERE s.stage = 0 AND s.queue = ?1 AND s.run_at <= ?2
ORDER BY s.priority DESC, s.sequence
LIMIT ?3
