-- What was asked for: written once, changed only by an edit. The payload stays where it is while the task runs.
CREATE TABLE {schema}.task (
    id uuid PRIMARY KEY,
    parent uuid,
    created_at timestamptz NOT NULL,
    max_attempts integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    queue text COLLATE "C" NOT NULL,
    owner text COLLATE "C",
    metadata text, -- a JSON object; NULL: none
    options text, -- JSON: keys and follow-ups; NULL: none
    input text NOT NULL -- JSON
);

-- No id in it: a batch has one time, which is kept once, and a list sorts the tasks of one time as it goes.
CREATE INDEX task_created ON {schema}.task (created_at);
CREATE INDEX task_by_owner ON {schema}.task (owner, created_at) WHERE owner IS NOT NULL;
CREATE INDEX task_by_parent ON {schema}.task (parent, created_at) WHERE parent IS NOT NULL;

-- One number for each batch; a place is the number times 2^20 and the task's number in the batch.
CREATE SEQUENCE {schema}.batch_seq AS bigint;

-- Tasks that are queued or running: narrow, changed by every command, gone at the end.
CREATE TABLE {schema}.task_live (
    id uuid PRIMARY KEY, -- the task's
    seq bigint NOT NULL, -- the place among tasks of one rank
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    deadline timestamptz,
    cancel_requested_at timestamptz,
    timeout_us bigint, -- microseconds
    fence bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 1,
    rank integer NOT NULL, -- minus the priority: the least comes first
    attempts integer NOT NULL DEFAULT 0,
    lost_attempts integer NOT NULL DEFAULT 0,
    state smallint NOT NULL, -- 0: queued and due when written, 1: queued for later, 2: running
    queue text COLLATE "C" NOT NULL,
    worker text COLLATE "C",
    unique_key text COLLATE "C",
    progress text, -- JSON; NULL: nothing done yet
    checkpoint text, -- JSON
    error text -- JSON
) WITH (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0
);

CREATE INDEX task_live_ready ON {schema}.task_live (queue, rank, seq) WHERE state = 0;
CREATE INDEX task_live_scheduled ON {schema}.task_live (queue, run_at) WHERE state = 1;
CREATE INDEX task_live_running ON {schema}.task_live (worker) WHERE state = 2;
CREATE INDEX task_live_deadline ON {schema}.task_live (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX task_live_cancelling ON {schema}.task_live (worker) WHERE cancel_requested_at IS NOT NULL;
CREATE UNIQUE INDEX task_live_unique ON {schema}.task_live (unique_key) WHERE unique_key IS NOT NULL;

-- Tasks that are over: appended, never changed; a retry takes them back.
CREATE TABLE {schema}.task_done (
    id uuid PRIMARY KEY, -- the task's
    seq bigint NOT NULL,
    run_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz NOT NULL,
    cancel_requested_at timestamptz,
    timeout_us bigint,
    fence bigint NOT NULL,
    version bigint NOT NULL,
    rank integer NOT NULL,
    attempts integer NOT NULL,
    lost_attempts integer NOT NULL,
    state smallint NOT NULL, -- 3: done, 4: failed, 5: cancelled
    worker text COLLATE "C",
    progress text,
    checkpoint text,
    error text,
    result text -- JSON
);

CREATE INDEX task_done_finished ON {schema}.task_done (finished_at);
CREATE INDEX task_done_unlucky ON {schema}.task_done (state, created_at, id) WHERE state > 3;

-- Attempts that are over, but for the one that succeeded: a done task's own row says it all.
CREATE TABLE {schema}.attempt (
    task uuid NOT NULL,
    fence bigint NOT NULL,
    number integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    worker text NOT NULL,
    outcome text NOT NULL,
    error text, -- JSON
    PRIMARY KEY (task, fence)
);

CREATE TABLE {schema}.idempotency (
    scope text COLLATE "C" NOT NULL, -- the owner, or empty
    key text COLLATE "C" NOT NULL,
    task uuid NOT NULL,
    expires_at timestamptz,
    fingerprint text NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_task ON {schema}.idempotency (task);

CREATE TABLE {schema}.worker (
    name text COLLATE "C" PRIMARY KEY,
    lease_until timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE {schema}.paused_queue (name text COLLATE "C" PRIMARY KEY);

-- One row for each transaction that changed tasks. Who reads compares snapshots, so that nothing is skipped that was committed late.
CREATE TABLE {schema}.change (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ids uuid[] NOT NULL,
    size integer NOT NULL GENERATED ALWAYS AS (cardinality(ids)) STORED
);

-- Ids do not get smaller by being compressed.
ALTER TABLE {schema}.change ALTER COLUMN ids SET STORAGE EXTERNAL;

CREATE INDEX change_xid ON {schema}.change (xid);

-- What is done now and then, by whoever comes first.
CREATE TABLE {schema}.maintenance (
    name text PRIMARY KEY,
    next_at timestamptz NOT NULL,
    state text
);

-- The state of 'changes' is the last transaction whose row was dropped from the log.
INSERT INTO {schema}.maintenance (name, next_at, state)
VALUES ('changes', now(), '0'), ('retention', now(), NULL), ('health', now(), NULL);

-- Stores one task, within the caller's transaction: the one way in for tasks with keys, and for other programs.
-- Answers 'inserted', 'existing' or 'conflict', and the id of the task that this is about.
CREATE FUNCTION {schema}.enqueue(
    p_id uuid,
    p_name text,
    p_input text DEFAULT 'null',
    p_queue text DEFAULT 'default',
    p_priority integer DEFAULT 0,
    p_run_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 5,
    p_timeout_us bigint DEFAULT NULL,
    p_metadata text DEFAULT NULL,
    p_owner text DEFAULT NULL,
    p_parent uuid DEFAULT NULL,
    p_unique_key text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_idempotency_ttl_us bigint DEFAULT NULL,
    p_options text DEFAULT NULL,
    p_now timestamptz DEFAULT now(),
    OUT outcome text,
    OUT task uuid
) LANGUAGE plpgsql AS $function$
DECLARE
    v_fingerprint text := p_name || E'\n' || p_input;
    v_scope text := coalesce(p_owner, '');
    v_expires timestamptz := p_now + p_idempotency_ttl_us * interval '1 microsecond';
    v_run_at timestamptz := coalesce(p_run_at, p_now);
    v_held record;
BEGIN
    LOOP
        PERFORM FROM {schema}.task t WHERE t.id = p_id;
        IF FOUND THEN
            outcome := 'existing';
            task := p_id;
            RETURN;
        END IF;

        IF p_idempotency_key IS NOT NULL THEN
            -- Waits for a caller with the same key to commit or to give up.
            INSERT INTO {schema}.idempotency AS i (scope, key, task, expires_at, fingerprint)
            VALUES (v_scope, p_idempotency_key, p_id, v_expires, v_fingerprint)
            ON CONFLICT (scope, key) DO NOTHING;
            IF NOT FOUND THEN
                -- A statement of its own sees what was committed meanwhile.
                SELECT i.task, i.fingerprint, i.expires_at <= p_now AS is_over INTO v_held
                FROM {schema}.idempotency i
                WHERE i.scope = v_scope AND i.key = p_idempotency_key
                FOR UPDATE;
                CONTINUE WHEN NOT FOUND;
                IF v_held.is_over IS TRUE OR NOT EXISTS (SELECT FROM {schema}.task t WHERE t.id = v_held.task) THEN
                    UPDATE {schema}.idempotency i
                    SET task = p_id, expires_at = v_expires, fingerprint = v_fingerprint
                    WHERE i.scope = v_scope AND i.key = p_idempotency_key;
                ELSE
                    outcome := CASE WHEN v_held.fingerprint = v_fingerprint THEN 'existing' ELSE 'conflict' END;
                    task := v_held.task;
                    RETURN;
                END IF;
            END IF;
        END IF;

        INSERT INTO {schema}.task AS t
            (id, parent, created_at, max_attempts, name, queue, owner, metadata, options, input)
        VALUES
            (p_id, p_parent, p_now, p_max_attempts, p_name, p_queue, p_owner, p_metadata, p_options, p_input)
        ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            INSERT INTO {schema}.task_live AS l
                (id, seq, run_at, created_at, updated_at, timeout_us, rank, state, queue, unique_key)
            VALUES (
                p_id, nextval('{schema}.batch_seq') << 20, v_run_at, p_now, p_now, p_timeout_us, -p_priority, CASE WHEN v_run_at <= p_now THEN 0 ELSE 1 END,
                p_queue, p_unique_key
            )
            ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO NOTHING;
            IF FOUND THEN
                outcome := 'inserted';
                task := p_id;
                RETURN;
            END IF;
            DELETE FROM {schema}.task t WHERE t.id = p_id;
        END IF;

        -- Somebody else has the id or the unique key: the idempotency key stays unused.
        IF p_idempotency_key IS NOT NULL THEN
            DELETE FROM {schema}.idempotency i WHERE i.scope = v_scope AND i.key = p_idempotency_key AND i.task = p_id;
        END IF;
        SELECT l.id INTO task FROM {schema}.task_live l WHERE l.unique_key = p_unique_key;
        IF FOUND THEN
            outcome := 'existing';
            RETURN;
        END IF;
        -- It ended just now: once more.
    END LOOP;
END
$function$;

-- The same for whoever enqueues on a connection of its own, in any language: it looks whether the task makes sense, and writes what the
-- store itself writes beside it. Workers are woken by the caller's commit.
CREATE FUNCTION {schema}.enqueue_and_notify(
    p_id uuid,
    p_name text,
    p_input text DEFAULT 'null',
    p_queue text DEFAULT 'default',
    p_priority integer DEFAULT 0,
    p_run_at timestamptz DEFAULT NULL,
    p_max_attempts integer DEFAULT 5,
    p_timeout_us bigint DEFAULT NULL,
    p_metadata text DEFAULT NULL,
    p_owner text DEFAULT NULL,
    p_parent uuid DEFAULT NULL,
    p_unique_key text DEFAULT NULL,
    p_idempotency_key text DEFAULT NULL,
    p_idempotency_ttl_us bigint DEFAULT NULL,
    p_options text DEFAULT NULL,
    OUT outcome text,
    OUT task uuid
) LANGUAGE plpgsql AS $function$
DECLARE
    v_schema text := (parse_ident('{schema}'))[1];
    v_metadata jsonb;
BEGIN
    IF p_id IS NULL
        OR octet_length(p_name) NOT BETWEEN 1 AND 200 OR p_name IS NULL
        OR octet_length(p_queue) NOT BETWEEN 1 AND 200 OR p_queue IS NULL
        OR octet_length(p_owner) > 200
        OR octet_length(p_unique_key) NOT BETWEEN 1 AND 200
        OR octet_length(p_idempotency_key) NOT BETWEEN 1 AND 200
        OR octet_length(p_input) > 1048576 OR p_input IS NULL
        OR octet_length(p_metadata) > 131072 -- 64 KiB of the caller's, and what is added for traces
        OR p_priority NOT BETWEEN -32768 AND 32767 OR p_priority IS NULL
        OR p_max_attempts NOT BETWEEN 1 AND 1000 OR p_max_attempts IS NULL
        OR p_timeout_us NOT BETWEEN 1 AND 316224000000000
        OR p_idempotency_ttl_us NOT BETWEEN 1 AND 3162240000000000
        OR p_run_at NOT BETWEEN '0001-01-01 00:00:00Z' AND '9999-12-31 23:59:59Z'
    THEN
        RAISE EXCEPTION 'a part of the task is missing or out of range' USING
            ERRCODE = 'invalid_parameter_value',
            HINT = 'Name, queue and keys have 1 to 200 bytes, the input at most 1 MiB; see Docs/postgres.md.';
    END IF;
    -- What is no JSON would be found only by the worker.
    PERFORM p_input::json;
    IF jsonb_typeof(p_options::jsonb) <> 'object' THEN
        RAISE EXCEPTION 'the options are no JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- What whoever lists tasks reads with others has to be readable: no halves of characters, and numbers that a double can hold.
    v_metadata := p_metadata::jsonb;
    IF jsonb_typeof(v_metadata) <> 'object'
        OR jsonb_path_exists(v_metadata, 'strict $.**{32} ? (@.type() == "object" || @.type() == "array")')
        OR jsonb_path_exists(v_metadata, 'strict $.** ? (@.type() == "number" && (@ > 1e308 || @ < -1e308))')
    THEN
        RAISE EXCEPTION 'the metadata are no JSON object, nested deeper than 32 levels, or hold a number beyond 1e308' USING
            ERRCODE = 'invalid_parameter_value';
    END IF;

    SELECT e.outcome, e.task INTO outcome, task
    FROM {schema}.enqueue(
        p_id, p_name, p_input, p_queue, p_priority, p_run_at, p_max_attempts, p_timeout_us, p_metadata, p_owner, p_parent,
        p_unique_key, p_idempotency_key, p_idempotency_ttl_us, p_options
    ) e;
    IF outcome = 'inserted' THEN
        INSERT INTO {schema}.change (ids) VALUES (ARRAY[task]);
        -- The server joins equal ones of a transaction.
        PERFORM pg_notify(v_schema || '_work', 'work'), pg_notify(v_schema || '_changes', 'changes');
    END IF;
END
$function$;

-- For people: every task with its status in words.
CREATE VIEW {schema}.tasks AS
SELECT
    t.id, t.name, t.queue,
    (ARRAY['queued', 'queued', 'running', 'done', 'failed', 'cancelled'])[s.state + 1] AS status,
    -s.rank AS priority, s.attempts, t.max_attempts, s.worker, s.run_at, t.created_at, s.started_at, s.finished_at,
    s.cancel_requested_at, s.progress, s.error, s.result, t.input, t.metadata, t.owner, t.parent
FROM {schema}.task t
JOIN (
    SELECT
        id, state, rank, attempts, worker, run_at, started_at, NULL::timestamptz AS finished_at, cancel_requested_at,
        progress, error, NULL::text AS result
    FROM {schema}.task_live
    UNION ALL
    SELECT
        id, state, rank, attempts, worker, run_at, started_at, finished_at, cancel_requested_at, progress, error, result
    FROM {schema}.task_done
) s ON s.id = t.id;
