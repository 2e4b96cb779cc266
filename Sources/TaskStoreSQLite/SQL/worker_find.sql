SELECT lease_until FROM worker WHERE name = ?1
