SELECT number, ids FROM change WHERE number >= ?1 ORDER BY number
