UPDATE {schema}.task SET max_attempts = $2::int4, metadata = $3::text, input = $4::text WHERE id = $1::uuid
