-- What was asked for: written once, changed only by an edit. The payload stays where it is while the task runs.
CREATE TABLE task (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    queue TEXT NOT NULL,
    owner TEXT,
    parent BLOB,
    created_at INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    metadata TEXT, -- a JSON object; NULL: none
    options TEXT, -- JSON: keys and follow-ups; NULL: none
    input TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX task_id ON task (id);
CREATE INDEX task_by_name ON task (name, created_at);
CREATE INDEX task_by_queue ON task (queue, created_at);
CREATE INDEX task_by_owner ON task (owner, created_at) WHERE owner IS NOT NULL;
CREATE INDEX task_by_parent ON task (parent, created_at) WHERE parent IS NOT NULL;

-- Where it stands: narrow, changed by every command. Times are microseconds since 1970.
CREATE TABLE task_state (
    key INTEGER PRIMARY KEY, -- the task's
    finished INTEGER NOT NULL, -- 0: queued or running, 2: done, 3: failed, 4: cancelled
    stage INTEGER, -- 0: queued and due when written, 1: queued for later, 2: running; NULL: finished
    queue TEXT NOT NULL,
    priority INTEGER NOT NULL,
    sequence INTEGER NOT NULL, -- the place among tasks of one priority
    timeout INTEGER, -- microseconds
    run_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lost_attempts INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    version INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    cancel_requested_at INTEGER,
    deadline INTEGER,
    worker TEXT,
    unique_key TEXT, -- while it is held
    progress TEXT, -- JSON; NULL: nothing done yet
    checkpoint TEXT,
    error TEXT, -- JSON
    result TEXT
) STRICT;

CREATE INDEX task_state_ready ON task_state (queue, priority DESC, sequence, run_at) WHERE stage = 0;
CREATE INDEX task_state_scheduled ON task_state (queue, run_at) WHERE stage = 1;
CREATE INDEX task_state_running ON task_state (worker) WHERE stage = 2;
CREATE INDEX task_state_listed ON task_state (finished, created_at);
CREATE INDEX task_state_finished ON task_state (finished, finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX task_state_unique ON task_state (unique_key) WHERE unique_key IS NOT NULL;

-- Attempts that are over, but for the one that succeeded: a done task's own row says it all.
CREATE TABLE attempt (
    task INTEGER NOT NULL, -- the task's key
    fence INTEGER NOT NULL,
    number INTEGER NOT NULL,
    worker TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    error TEXT, -- JSON
    PRIMARY KEY (task, fence)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    scope TEXT NOT NULL, -- the owner, or empty
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    task INTEGER NOT NULL, -- the task's key
    expires_at INTEGER
) STRICT;

CREATE UNIQUE INDEX idempotency_key ON idempotency (scope, key);

CREATE TABLE worker (
    name TEXT PRIMARY KEY,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE paused_queue (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- One row for each commit that changed a task: its number, who made it, and the ids of 16 bytes each.
CREATE TABLE change (
    number INTEGER PRIMARY KEY,
    total INTEGER NOT NULL, -- ids in this row and all before it
    kinds INTEGER NOT NULL, -- bits: 1 work, 2 changes, 4 cancellations
    origin INTEGER NOT NULL, -- the store instance that wrote it
    ids BLOB NOT NULL
) STRICT;
