SELECT id FROM {schema}.task_live WHERE state = 2 AND worker = $1::text ORDER BY id
