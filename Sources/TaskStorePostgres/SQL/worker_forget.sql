-- Dead workers that run nothing.
DELETE FROM {schema}.worker w
WHERE w.lease_until <= {now}
    AND NOT EXISTS (SELECT FROM {schema}.task_live l WHERE l.state = 2 AND l.worker = w.name)
