// The layouts and statements that are compared. Parameters of an enqueue: $1 ids, $2 names, $3 queues, $4 ranks, $5 run_at (null = now),
// $6 timeouts (µs), $7 max_attempts, $8 owners, $9 metadata, $10 inputs. Of a claim: $1 queue, $2 limit, $3 worker (, $4 rank, $5 seq).
// Of a finish: $1 ids, $2 fences, $3 statuses, $4 results, $5 worker (, $6 ctids). /*+…+*/ is there when change rows are on.

#define ENQUEUE_COLUMNS "id, name, queue, rank, run_at, timeout, max_attempts, owner, metadata, input"
#define UNNEST "unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::bigint[], $7::int[], $8::text[], $9::json[], $10::json[]) "
#define N UNNEST "n(" ENQUEUE_COLUMNS ")"
#define NORD UNNEST "with ordinality n(" ENQUEUE_COLUMNS ", o)"
#define F "unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::json[]) f(id, fence, status, result)"
#define FT "unnest($1::uuid[], $2::bigint[], $3::smallint[], $4::json[], $6::tid[]) f(id, fence, status, result, tid)"
#define SEQUENCE "create sequence seq; create sequence base increment by 65536;"
#define CH(from) "/*+, ch as (insert into change (ids) select array_agg(id) from " from ")+*/ "

// One wide table.
#define W_DDL(rest) SEQUENCE "create table task (id uuid primary key, seq bigint not null default nextval('seq'), run_at timestamptz not null, " \
    "created_at timestamptz not null default now(), updated_at timestamptz not null default now(), started_at timestamptz, deadline timestamptz, " \
    "finished_at timestamptz, timeout bigint, fence bigint not null default 0, version bigint not null default 1, parent uuid, " \
    "cancel_requested_at timestamptz, rank int not null, max_attempts int not null, attempts int not null default 0, " \
    "lost_attempts int not null default 0, state smallint not null, queue text not null, name text not null, worker text, owner text, unique_key text, " \
    "metadata json, options json, input json not null, progress json, checkpoint bytea, error json, result json) " rest ";" \
    "create index task_created on task (created_at, id) where created_at > '-infinity'; create index task_ready on task (queue, rank, seq) where state = 0;" \
    "create index task_scheduled on task (queue, run_at) where state = 1; create index task_running on task (worker) where state = 2;" \
    "create unique index task_unique on task (unique_key) where unique_key is not null and state <= 2;"
#define W_ENQUEUE "insert into task (" ENQUEUE_COLUMNS ", state) select id, name, queue, rank, coalesce(run_at, now()), timeout, max_attempts, owner, " \
    "metadata, input, case when run_at > now() then 1 else 0 end from " N
#define SET_CLAIMED "set state = 2, worker = $3, fence = l.fence + 1, version = l.version + 1, attempts = l.attempts + 1, started_at = now(), " \
    "updated_at = now(), deadline = now() + l.timeout * interval '1 microsecond', progress = null "
#define READY(table) "select ctid from " table " where queue = $1 and state = 0 order by rank, seq limit $2 for update skip locked"
#define W_RETURNING "returning l.id, l.fence, l.name, l.queue, l.owner, l.parent, l.attempts, l.lost_attempts, l.max_attempts, l.version, l.rank, l.seq, " \
    "l.run_at, l.created_at, l.started_at, l.deadline, l.timeout, l.cancel_requested_at, l.unique_key, l.checkpoint, l.error, l.metadata, l.options, l.input"
#define W_CLAIM "with c as (update task l " SET_CLAIMED "where l.ctid = any(array(" READY("task") ")) " W_RETURNING ") " CH("c") "select * from c"
#define READY_FLOOR "select ctid from task where queue = $1 and state = 0 and (rank, seq) > ($4, $5) order by rank, seq limit $2 for update skip locked"
#define W_CLAIM_FLOOR "with c as (update task l " SET_CLAIMED "where l.ctid = any(array(" READY_FLOOR ")) returning l.id, l.fence, l.rank, l.seq, l.name, l.queue, " \
    "l.owner, l.parent, l.attempts, l.lost_attempts, l.max_attempts, l.version, l.run_at, l.created_at, l.started_at, l.deadline, l.timeout, " \
    "l.cancel_requested_at, l.unique_key, l.checkpoint, l.error, l.metadata, l.options, l.input) " CH("c") "select * from c"
#define W_FINISH "with d as (update task l set state = f.status, version = l.version + 1, updated_at = now(), finished_at = now(), result = f.result, error = null, " \
    "checkpoint = null from " F " where l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 returning l.id) " CH("d") "select id from d"

// Payload and live part. `rest` of task: what a variant keeps there of the end.
#define TASK_DDL(rest) TASK_DDL_FILL(rest, "")
#define TASK_DDL_FILL(rest, fill) SEQUENCE "create table task (id uuid primary key, created_at timestamptz not null default now(), parent uuid, " \
    "max_attempts int not null, name text not null, queue text not null, owner text, metadata json, options json, input json not null" rest ") " fill ";"
#define TASK_INDEX "create index task_created on task (created_at, id) where created_at > '-infinity';"
#define LIVE_COLUMNS "id uuid primary key, seq bigint not null default nextval('seq'), run_at timestamptz not null, " \
    "created_at timestamptz not null default now(), updated_at timestamptz not null default now(), started_at timestamptz, deadline timestamptz, " \
    "timeout bigint, fence bigint not null default 0, version bigint not null default 1, cancel_requested_at timestamptz, rank int not null, " \
    "attempts int not null default 0, lost_attempts int not null default 0, state smallint not null, queue text not null, worker text, " \
    "unique_key text, progress json, checkpoint bytea, error json"
#define LIVE_DDL(rest) "create table task_live (" LIVE_COLUMNS ") " rest ";" \
    "create index live_ready on task_live (queue, rank, seq) where state = 0; create index live_scheduled on task_live (queue, run_at) where state = 1;" \
    "create unique index live_unique on task_live (unique_key) where unique_key is not null;"
#define RUNNING_INDEX "create index live_running on task_live (worker) where state = 2;"
#define DONE_DDL(rest) "create table task_done (id uuid primary key, finished_at timestamptz not null default now(), created_at timestamptz not null, " \
    "started_at timestamptz, run_at timestamptz, seq bigint not null, fence bigint not null, version bigint not null, rank int not null, " \
    "attempts int not null, lost_attempts int not null, status smallint not null, worker text, unique_key text, progress json, checkpoint bytea, error json, " \
    "result json) " rest ";"
#define D_DDL TASK_DDL("") TASK_INDEX LIVE_DDL("") RUNNING_INDEX DONE_DDL("")

#define INSERT_TASK "insert into task (id, name, queue, max_attempts, owner, metadata, input) "
#define INSERT_LIVE "insert into task_live (id, queue, rank, run_at, timeout, state) "
#define LIVE_VALUES "id, queue, rank, coalesce(run_at, now()), timeout, case when run_at > now() then 1 else 0 end "
#define D_ENQUEUE_CTE "with n as (select * from " N "), t as (" INSERT_TASK "select id, name, queue, max_attempts, owner, metadata, input from n) " \
    INSERT_LIVE "select " LIVE_VALUES "from n"
#define D_ENQUEUE_CONFLICT "with n as (select * from " N "), t as (" INSERT_TASK "select id, name, queue, max_attempts, owner, metadata, input from n " \
    "on conflict (id) do nothing returning id) " INSERT_LIVE "select " LIVE_VALUES "from n join t using (id) returning id"
#define D_ENQUEUE_1 INSERT_TASK "select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::json[], $7::json[])"
#define D_MAP_1 "0126789"
#define D_ENQUEUE_2 INSERT_LIVE "select " LIVE_VALUES \
    "from unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::bigint[]) n(id, queue, rank, run_at, timeout)"
#define D_MAP_2 "02345"
#define D_ENQUEUE_2_BASE "insert into task_live (seq, id, queue, rank, run_at, timeout, state) select b + o, " LIVE_VALUES \
    "from (select nextval('base') b offset 0) b, unnest($1::uuid[], $2::text[], $3::int[], $4::timestamptz[], $5::bigint[]) " \
    "with ordinality n(id, queue, rank, run_at, timeout, o)"
#define L_RETURNING "returning l.id, l.fence, l.rank, l.seq, l.attempts, l.lost_attempts, l.version, l.run_at, l.created_at, l.started_at, l.deadline, l.timeout, " \
    "l.cancel_requested_at, l.unique_key, l.checkpoint, l.error"
#define T_COLUMNS "t.name, t.queue, t.owner, t.parent, t.max_attempts, t.metadata, t.options, t.input"
#define D_CLAIM_ON(live, extra) "with c as (update " live " l " SET_CLAIMED "where l.ctid = any(array(" READY(live) ")) " L_RETURNING extra ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = any(array[c.id])"
#define D_CLAIM D_CLAIM_ON("task_live", "")
// With ctids: the last column is where the claimed row is now.
#define D_CLAIM_TID D_CLAIM_ON("task_live", ", l.ctid")
// The join inside the update.
#define D_CLAIM_FROM "with c as (update task_live l " SET_CLAIMED "from task t where t.id = any(array[l.id]) and l.ctid = any(array(" READY("task_live") ")) " \
    L_RETURNING ", " T_COLUMNS ") " CH("c") "select * from c"
#define D_CLAIM_LATERAL "with c as (update task_live l " SET_CLAIMED "where l.ctid = any(array(" READY("task_live") ")) " L_RETURNING ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c, lateral (select * from task t where t.id = c.id limit 1) t"
#define D_CLAIM_UNNEST "with c as (update task_live l " SET_CLAIMED "from unnest(array(" READY("task_live") ")) r(tid) where l.ctid = r.tid " L_RETURNING ") " \
    CH("c") "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = any(array[c.id])"
#define D_CLAIM_ID "with c as (update task_live l " SET_CLAIMED "where l.id = any(array(select id from task_live where queue = $1 and state = 0 " \
    "order by rank, seq limit $2 for update skip locked)) and l.state = 0 " L_RETURNING ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = any(array[c.id])"
#define D_CLAIM_CTE "with r as materialized (select ctid tid from task_live where queue = $1 and state = 0 order by rank, seq limit $2 for update skip locked), " \
    "c as (update task_live l " SET_CLAIMED "from r where l.ctid = r.tid " L_RETURNING ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = any(array[c.id])"
#define D_CLAIM_FLOOR "with c as (update task_live l " SET_CLAIMED "where l.ctid = any(array(select ctid from task_live where queue = $1 and state = 0 " \
    "and (rank, seq) > ($4, $5) order by rank, seq limit $2 for update skip locked)) " L_RETURNING ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = any(array[c.id])"

#define DONE_COLUMNS "(id, created_at, started_at, run_at, seq, fence, version, rank, attempts, lost_attempts, worker, unique_key, progress, status, result) "
#define GONE_RETURNING "returning l.id, l.created_at, l.started_at, l.run_at, l.seq, l.fence, l.version + 1, l.rank, l.attempts, l.lost_attempts, l.worker, " \
    "l.unique_key, l.progress, f.status, f.result"
#define INTO_DONE ") " CH("g") "insert into task_done " DONE_COLUMNS "select * from g returning id"
#define D_FINISH "with g as (delete from task_live l using " F " where l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING INTO_DONE
#define D_FINISH_TID "with g as (delete from task_live l using " FT " where l.ctid = f.tid and l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING INTO_DONE
#define D_FINISH_ANY "with g as (delete from task_live l using " F " where l.id = any($1) and l.id = f.id  and l.fence = f.fence and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING INTO_DONE
#define D_FINISH_ANYTID "with g as (delete from task_live l using " F " where l.ctid = any($6) and l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING INTO_DONE
// Finds and locks the rows one by one, whatever the planner thinks of sizes, then deletes where they are.
#define D_FINISH_LATERAL "with f as (select f.*, l.ctid tid from " F ", lateral (select ctid from task_live l where l.id = any(array[f.id]) and l.fence = any(array[f.fence]) " \
    "and l.worker = $5 and l.state + 0 = 2 limit 1 for update) l), g as (delete from task_live l using f where l.ctid = f.tid " GONE_RETURNING INTO_DONE

#define D_FINISH_PLAIN "with g as (delete from task_live l using " F " where l.id = f.id and l.fence = f.fence and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING INTO_DONE
#define D_CLAIM_PLAIN "with c as (update task_live l " SET_CLAIMED "where l.ctid = any(array(" READY("task_live") ")) " L_RETURNING ") " CH("c") \
    "select c.id, c.fence, c.rank, c.seq, " T_COLUMNS ", c.* from c join task t on t.id = c.id"

// S: the end is an update of task.
#define S_DDL S_DDL_FILL("")
#define S_DDL_FILL(fill) TASK_DDL_FILL(", status smallint, attempts int, finished_at timestamptz, started_at timestamptz, fence bigint, version bigint, worker text, " \
    "error json, result json", fill) TASK_INDEX LIVE_DDL("") RUNNING_INDEX
#define S_FINISH "with g as (delete from task_live l using " F " where l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 " \
    GONE_RETURNING "), u as (update task t set status = g.status, result = g.result, finished_at = now(), started_at = g.started_at, attempts = g.attempts, " \
    "fence = g.fence, worker = g.worker from g where t.id = any(array[g.id]) returning t.id) " CH("u") "select id from u"
// S2: a narrow table of states that stays.
#define S2_DDL TASK_DDL("") TASK_INDEX "create table task_live (" LIVE_COLUMNS ", finished_at timestamptz, result json);" \
    "create index live_ready on task_live (queue, rank, seq) where state = 0; create index live_scheduled on task_live (queue, run_at) where state = 1;" \
    "create unique index live_unique on task_live (unique_key) where unique_key is not null;" RUNNING_INDEX
#define S2_FINISH "with d as (update task_live l set state = f.status, version = l.version + 1, updated_at = now(), finished_at = now(), result = f.result, " \
    "error = null, checkpoint = null from " F " where l.id = any(array[f.id]) and l.fence = any(array[f.fence]) and l.worker = $5 and l.state + 0 = 2 returning l.id) " \
    CH("d") "select id from d"

// The ceiling: the least that says the same.
#define C_DDL "create table task (id uuid primary key, state smallint not null default 0, attempt int not null default 0, worker text, input json, result json);" \
    "create index task_ready on task (id) where state = 0;"
#define C_ENQUEUE "insert into task (id, input) select * from unnest($1::uuid[], $2::json[])"
#define C_CLAIM "with c as (update task l set state = 2, worker = $3, attempt = l.attempt + 1 where l.ctid = any(array(select ctid from task where state = 0 " \
    "and $1::text is not null order by id limit $2 for update skip locked)) returning l.id, l.attempt::bigint, l.input) " CH("c") "select * from c"
#define C_FINISH "with d as (update task l set state = f.status, result = f.result from " F " where l.id = f.id and l.attempt = any(array[f.fence]) and l.worker = $5 " \
    "and l.state + 0 = 2 returning l.id) " CH("d") "select id from d"

#define TWO .enqueue2 = D_ENQUEUE_2, .map1 = D_MAP_1, .map2 = D_MAP_2
#define BASE .enqueue2 = D_ENQUEUE_2_BASE, .map1 = D_MAP_1, .map2 = D_MAP_2
static const Variant variants[] = {
    {.name = "W", .ddl = W_DDL(""), .enqueue = W_ENQUEUE, .claim = W_CLAIM, .finish = W_FINISH},
    {.name = "W-floor", .ddl = W_DDL(""), .enqueue = W_ENQUEUE, .claim = W_CLAIM_FLOOR, .finish = W_FINISH, .floor = true},
    {.name = "S2-floor", .ddl = S2_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_FLOOR, .finish = S2_FINISH, .floor = true},
    {.name = "W70", .ddl = W_DDL("with (fillfactor = 70)"), .enqueue = W_ENQUEUE, .claim = W_CLAIM, .finish = W_FINISH},
    {.name = "S", .ddl = S_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = S_FINISH},
    {.name = "S80", .ddl = S_DDL_FILL("with (fillfactor = 80)"), .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = S_FINISH},
    {.name = "S2", .ddl = S2_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = S2_FINISH},
    {.name = "C", .ddl = C_DDL, .enqueue = C_ENQUEUE, .claim = C_CLAIM, .finish = C_FINISH, .lean = true},
    {.name = "D", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-plain", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_PLAIN, .finish = D_FINISH_PLAIN},
    // Enqueue of D
    {.name = "D-cte", .ddl = D_DDL, .enqueue = D_ENQUEUE_CTE, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-conflict", .ddl = D_DDL, .enqueue = D_ENQUEUE_CONFLICT, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-base", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, BASE, .claim = D_CLAIM, .finish = D_FINISH},
    // Claim of D
    {.name = "D-from", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_FROM, .finish = D_FINISH},
    {.name = "D-lateral", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_LATERAL, .finish = D_FINISH},
    {.name = "D-unnest", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_UNNEST, .finish = D_FINISH},
    {.name = "D-id", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_ID, .finish = D_FINISH},
    {.name = "D-ctejoin", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_CTE, .finish = D_FINISH},
    {.name = "D-floor", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_FLOOR, .finish = D_FINISH, .floor = true},
    // Finish of D
    {.name = "D-ftid", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_TID, .finish = D_FINISH_TID, .tid = true},
    {.name = "D-fanytid", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM_TID, .finish = D_FINISH_ANYTID, .tid = true},
    {.name = "D-fany", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH_ANY},
    {.name = "D-flateral", .ddl = D_DDL, .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH_LATERAL},
    // Tables of D
    {.name = "D-norun", .ddl = TASK_DDL("") TASK_INDEX LIVE_DDL("") DONE_DDL(""), .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-nocreated", .ddl = TASK_DDL("") LIVE_DDL("") RUNNING_INDEX DONE_DDL(""), .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-byname", .ddl = D_DDL "create index task_name on task (name, created_at);", .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM, .finish = D_FINISH},
    {.name = "D-byfinish", .ddl = D_DDL "create index done_finished on task_done (finished_at);", .enqueue = D_ENQUEUE_1, TWO, .claim = D_CLAIM,
     .finish = D_FINISH},
    {.name = "D-fill50", .ddl = TASK_DDL("") TASK_INDEX LIVE_DDL("with (fillfactor = 50)") RUNNING_INDEX DONE_DDL(""), .enqueue = D_ENQUEUE_1, TWO,
     .claim = D_CLAIM, .finish = D_FINISH},
};
