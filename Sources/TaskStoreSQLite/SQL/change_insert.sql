INSERT INTO change (number, total, kinds, origin, ids) VALUES (?1, ?2, ?3, ?4, ?5)
