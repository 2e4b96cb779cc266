-- Workers whose lease ran out, locked: whoever beats just now keeps its tasks, and whoever comes later learns what it lost.
SELECT name FROM {schema}.worker WHERE lease_until <= {now} ORDER BY name FOR UPDATE SKIP LOCKED
