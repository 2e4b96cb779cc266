SELECT number, total FROM change ORDER BY number
