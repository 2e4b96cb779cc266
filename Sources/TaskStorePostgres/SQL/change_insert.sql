INSERT INTO {schema}.change (ids, size, at) VALUES ($1::uuid[], cardinality($1::uuid[]), {now})
