DELETE FROM {schema}.worker WHERE name = $1::text
