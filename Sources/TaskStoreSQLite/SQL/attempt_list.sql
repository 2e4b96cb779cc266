SELECT fence, number, worker, started_at, finished_at, outcome, error FROM attempt WHERE task = ?1 ORDER BY fence
