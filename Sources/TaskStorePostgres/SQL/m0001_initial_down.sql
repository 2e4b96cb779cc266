DROP VIEW {schema}.tasks;
DROP FUNCTION {schema}.enqueue_and_notify, {schema}.enqueue;
DROP TABLE
    {schema}.maintenance, {schema}.change, {schema}.paused_queue, {schema}.worker, {schema}.idempotency, {schema}.attempt,
    {schema}.task_done, {schema}.task_live, {schema}.task;
DROP SEQUENCE {schema}.batch_seq;
