-- ?1 status, ?2 not younger than, ?3 limit.
SELECT s.key, s.finished_at, t.id
FROM task_state s INDEXED BY task_state_finished
CROSS JOIN task t NOT INDEXED ON t.key = s.key
WHERE s.finished = ?1 AND s.finished_at IS NOT NULL AND s.finished_at <= ?2
ORDER BY s.finished_at, t.id
LIMIT ?3
