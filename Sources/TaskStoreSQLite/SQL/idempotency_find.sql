SELECT fingerprint, task, expires_at FROM idempotency WHERE scope = ?1 AND key = ?2
