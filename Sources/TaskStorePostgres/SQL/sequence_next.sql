SELECT nextval('{schema}.batch_seq') << 20 FROM generate_series(1, $1::int8)
