SELECT state, count(*) FROM {schema}.task_live GROUP BY state
UNION ALL
SELECT state, count(*) FROM {schema}.task_done GROUP BY state
