SELECT id
FROM {schema}.task_live
WHERE worker = $1::text AND cancel_requested_at IS NOT NULL AND state + 0 = 2
ORDER BY id
