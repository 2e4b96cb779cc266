-- Plain tasks, all new. $1 ids, $2 names, $3 queues, $4 owners, $5 parents, $6 budgets, $7 metadata, $8 options, $9 inputs.
INSERT INTO {schema}.task (id, name, queue, owner, parent, created_at, max_attempts, metadata, options, input)
SELECT i.id, i.name, i.queue, i.owner, i.parent, {now}, i.max_attempts, i.metadata, i.options, i.input
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int4[], $7::text[], $8::text[], $9::text[])
    AS i (id, name, queue, owner, parent, max_attempts, metadata, options, input)
