DELETE FROM attempt WHERE task = ?1
