DELETE FROM {schema}.task_done WHERE id = ANY ($1::uuid[])
