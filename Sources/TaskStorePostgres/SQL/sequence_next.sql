SELECT nextval('{schema}.task_seq') FROM generate_series(1, $1::int8)
