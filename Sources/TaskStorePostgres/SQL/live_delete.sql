DELETE FROM {schema}.task_live WHERE id = ANY ($1::uuid[])
