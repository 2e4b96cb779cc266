-- Which active tasks hold these unique keys. $1 keys.
SELECT unique_key, id FROM {schema}.task_live WHERE unique_key = ANY ($1::text[])
