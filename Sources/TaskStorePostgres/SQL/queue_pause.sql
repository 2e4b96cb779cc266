INSERT INTO {schema}.paused_queue (name) VALUES ($1::text) ON CONFLICT DO NOTHING
