DROP TABLE change;
DROP TABLE paused_queue;
DROP TABLE worker;
DROP TABLE idempotency;
DROP TABLE attempt;
DROP TABLE task_state;
DROP TABLE task;
