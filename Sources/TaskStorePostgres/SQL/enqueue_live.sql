-- Their states. $1 ids, $2 queues, $3 ranks, $4 run_at (NULL: now), $5 timeouts. Places are given in this order.
INSERT INTO {schema}.task_live (id, queue, rank, run_at, timeout_us, created_at, updated_at, state)
SELECT
    i.id, i.queue, i.rank, coalesce(i.run_at, {now}), i.timeout_us, {now}, {now},
    CASE WHEN i.run_at > {now} THEN 1 ELSE 0 END
FROM unnest($1::uuid[], $2::text[], $3::int4[], $4::timestamptz[], $5::int8[]) AS i (id, queue, rank, run_at, timeout_us)
