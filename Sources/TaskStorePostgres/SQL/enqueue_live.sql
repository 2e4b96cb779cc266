-- Their states. $1 ids, $2 queues, $3 ranks, $4 run_at (NULL: now), $5 timeouts. Places are given in this order.
INSERT INTO {schema}.task_live (id, seq, queue, rank, run_at, timeout_us, created_at, updated_at, state)
SELECT
    i.id, (b.number << 20) + i.number, i.queue, i.rank, coalesce(i.run_at, {now}), i.timeout_us, {now}, {now},
    CASE WHEN i.run_at > {now} THEN 1 ELSE 0 END
FROM
    (SELECT nextval('{schema}.batch_seq') AS number OFFSET 0) b,
    unnest($1::uuid[], $2::text[], $3::int4[], $4::timestamptz[], $5::int8[]) WITH ORDINALITY
        AS i (id, queue, rank, run_at, timeout_us, number)
