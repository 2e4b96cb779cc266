INSERT INTO attempt (task, fence, number, worker, started_at, finished_at, outcome, error)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
