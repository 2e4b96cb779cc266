SELECT number, kinds, origin FROM change WHERE number > ?1 ORDER BY number
