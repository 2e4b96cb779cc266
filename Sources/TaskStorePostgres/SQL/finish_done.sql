-- Plain successes: what the lifecycle decides about `complete`, for a batch. $1 ids in order, $2 fences, $3 workers, $4 results.
-- Answers the accepted ones. A row that somebody holds is waited for and looked at anew: a cancel in between must not make it stale.
WITH gone AS (
    DELETE FROM {schema}.task_live l
    USING unnest($1::uuid[], $2::int8[], $3::text[], $4::text[]) AS i (id, fence, worker, result)
    -- The sum keeps the index of running tasks out of it, which would be walked through for each of them.
    WHERE l.id = ANY (ARRAY[i.id]) AND l.state + 0 = 2 AND l.fence = i.fence AND l.worker = i.worker
    RETURNING
        l.id, l.seq, l.run_at, l.created_at, l.started_at, l.cancel_requested_at, l.timeout_us, l.fence, l.version, l.rank,
        l.attempts, l.lost_attempts, l.worker, l.progress, i.result
), kept AS (
    INSERT INTO {schema}.task_done (
        id, seq, run_at, created_at, updated_at, started_at, finished_at, cancel_requested_at, timeout_us, fence, version,
        rank, attempts, lost_attempts, state, worker, progress, result
    )
    SELECT
        id, seq, run_at, created_at, {now}, started_at, {now}, cancel_requested_at, timeout_us, fence, version + 1, rank,
        attempts, lost_attempts, 3, worker, progress, result
    FROM gone
), logged AS (
    INSERT INTO {schema}.change (ids, at) SELECT array_agg(id), {now} FROM gone HAVING count(*) > 0
)
SELECT id FROM gone
