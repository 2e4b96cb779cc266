-- Of all tasks: by what the list's index holds, and how many of the active ones run.
SELECT finished, count(*) FROM task_state INDEXED BY task_state_listed GROUP BY finished
UNION ALL
SELECT 1, count(*) FROM task_state INDEXED BY task_state_running WHERE stage = 2
