-- Running tasks of dead or unknown workers, and those past their deadline. ?1 now, ?2 limit.
-- Looks at every running task, of which there are as many as slots, and at no other.
SELECT s.key, w.lease_until IS NULL OR w.lease_until <= ?1
FROM task_state s INDEXED BY task_state_running
LEFT JOIN worker w ON w.name = s.worker
WHERE s.stage = 2 AND (w.lease_until IS NULL OR w.lease_until <= ?1 OR s.deadline <= ?1)
ORDER BY s.worker
LIMIT ?2
