INSERT INTO worker (name, lease_until) VALUES (?1, ?2)
ON CONFLICT (name) DO UPDATE SET lease_until = max(lease_until, excluded.lease_until)
