SELECT number, total FROM change ORDER BY number DESC LIMIT 1
