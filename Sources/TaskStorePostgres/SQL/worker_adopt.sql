-- Workers that run something and are not known, as after a restore: from now on they count as dead.
INSERT INTO {schema}.worker (name, lease_until)
SELECT DISTINCT l.worker, {now}
FROM {schema}.task_live l
WHERE l.state = 2 AND NOT EXISTS (SELECT FROM {schema}.worker w WHERE w.name = l.worker)
ON CONFLICT (name) DO NOTHING
