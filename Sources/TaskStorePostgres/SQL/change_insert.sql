INSERT INTO {schema}.change (ids, at) VALUES ($1::uuid[], {now})
