INSERT INTO task (id, name, queue, owner, parent, created_at, max_attempts, metadata, options, input)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (id) DO NOTHING
