SELECT fence, number, worker, started_at, finished_at, outcome, error
FROM {schema}.attempt
WHERE task = $1::uuid
ORDER BY fence
