DELETE FROM {schema}.paused_queue WHERE name = $1::text
