INSERT INTO idempotency (scope, key, fingerprint, task, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (scope, key) DO UPDATE
SET fingerprint = excluded.fingerprint, task = excluded.task, expires_at = excluded.expires_at
