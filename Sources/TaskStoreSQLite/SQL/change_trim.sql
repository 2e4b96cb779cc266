DELETE FROM change WHERE number <= ?1
