UPDATE task SET max_attempts = ?2, metadata = ?3, input = ?4 WHERE key = ?1
