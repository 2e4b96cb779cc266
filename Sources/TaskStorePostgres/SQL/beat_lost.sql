-- Which of these leases are not their task's running attempt: their numbers from 1. $1 ids, $2 fences, $3 workers.
SELECT i.number
FROM unnest($1::uuid[], $2::int8[], $3::text[]) WITH ORDINALITY AS i (id, fence, worker, number)
WHERE NOT EXISTS (
    SELECT FROM {schema}.task_live l
    WHERE l.id = ANY (ARRAY[i.id]) AND l.state + 0 = 2 AND l.fence = i.fence AND l.worker = i.worker
)
ORDER BY i.number
