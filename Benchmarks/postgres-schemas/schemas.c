// Measures table layouts and statements of a task queue on PostgreSQL: see run.sh and Docs/decisions/postgres-schema.md.
//
//   schemas bench  [-v W,S,D,…] [-n rows] [-b batch] [-e enqueue batch] [-i input bytes] [-c connections] [-r rounds] [-k backlog]
//                  [-S claims and finishes apart (60 batches at most)] [-x 1 change rows] [-a analyse the empty tables]
//                  [-s 'set …; set …' at connecting] [-p 'select set_config(…)' before each statement] [-u unprepared]
//   schemas pinned [-v D,…] [-n total] [-t seconds] [-b batch] [-k steady backlog] [-m none|snapshot|xid] [-x 1] [-s …]
//   schemas plans  [-v D,…] [-s …]    how claim and finish are planned, generic (g) and custom (c), on empty, filled and stale tables
//
// Each operation (one batch) is one durable transaction: one Sync of a pipeline. Variants are interleaved within a round. Printed
// are medians of the rounds: thousand tasks/s, processor time of the server (µs a task, also the lower quartile) and bytes of WAL.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define DIE(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))
enum { UUID = 2950, INT2 = 21, INT4 = 23, INT8 = 20, TEXT = 25, JSON = 114, TID = 27, TIMESTAMPTZ = 1184 };

// MARK: - Variants

typedef struct {
    const char *name, *ddl, *enqueue, *claim, *finish;
    bool tid;       // the claim's last column is a ctid, and the finish takes tid[] as its last parameter
    bool lean;      // enqueue takes only ids and inputs
    bool floor;     // the claim takes a rank and a seq to start after, and returns them
    const char *enqueue2, *map1, *map2;  // a second statement of an enqueue; which of the ten arrays each takes, as in "0134"
} Variant;

#include "variants.h"

// MARK: - Processor time, clock

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}
static int postmaster;
// Seconds of processor time that the server's processes have used, those that ended included.
static double serverCPU(void) {
    double sum = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; (e = readdir(d));) {
        int pid = atoi(e->d_name);
        if (pid <= 0) continue;
        char path[64], line[1024];
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *f = fopen(path, "r");
        if (!f) continue;
        if (fgets(line, sizeof line, f)) {
            char *p = strrchr(line, ')');
            int parent = 0;
            unsigned long u = 0, s = 0;
            long cu = 0, cs = 0;
            if (p && sscanf(p + 2, "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &parent, &u, &s, &cu, &cs) == 5) {
                if (pid == postmaster) sum += u + s + cu + cs;
                else if (parent == postmaster) sum += u + s;
            }
        }
        fclose(f);
    }
    closedir(d);
    return sum / sysconf(_SC_CLK_TCK);
}
static double clientCPU(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

// MARK: - Bytes

typedef struct { char *p; size_t n, cap; } Buf;
static void need(Buf *b, size_t n) {
    if (b->n + n > b->cap) { b->cap = (b->n + n) * 2; b->p = realloc(b->p, b->cap); if (!b->p) DIE("memory"); }
}
static void put(Buf *b, const void *p, size_t n) { need(b, n); memcpy(b->p + b->n, p, n); b->n += n; }
static void put32(Buf *b, uint32_t v) { v = htonl(v); put(b, &v, 4); }
static void put16(Buf *b, uint16_t v) { v = htons(v); put(b, &v, 2); }
static void put64(Buf *b, uint64_t v) { v = htobe64(v); put(b, &v, 8); }
static void array(Buf *b, Oid element, int count) {
    b->n = 0;
    put32(b, count ? 1 : 0), put32(b, 0), put32(b, element);
    if (count) put32(b, count), put32(b, 1);
}
static void item(Buf *b, const void *p, uint32_t n) { put32(b, n), put(b, p, n); }

static uint64_t rng = 88172645463325252ull;
static uint64_t random64(void) { rng ^= rng << 13; rng ^= rng >> 7; rng ^= rng << 17; return rng; }
// A version 7 identifier; those made by this process increase.
static void makeID(uint8_t id[16]) {
    static uint64_t last, sub;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = t.tv_sec * 1000ull + t.tv_nsec / 1000000;
    if (ms > last) last = ms, sub = random64() & 0xff; else if (++sub > 0xfff) last++, sub = 0;
    uint64_t hi = htobe64(last << 16 | 0x7000 | sub), lo = htobe64((random64() >> 2) | 1ull << 63);
    memcpy(id, &hi, 8), memcpy(id + 8, &lo, 8);
}

// MARK: - Connections and pipelined operations

enum { ENQUEUE, CLAIM, FINISH, OTHER };
typedef struct { uint8_t (*id)[16]; int64_t *fence; uint8_t (*tid)[6]; int n; } Batch;
typedef struct { int kind; int statements; Batch batch; } Op;
typedef struct { PGconn *c; Op ops[64]; int head, count; } Conn;

static const char *settings = "";
static PGconn *openConnection(void) {
    PGconn *c = PQconnectdb("");
    if (PQstatus(c) != CONNECTION_OK) DIE("%s", PQerrorMessage(c));
    if (*settings) {
        PGresult *r = PQexec(c, settings);
        if (PQresultStatus(r) != PGRES_COMMAND_OK) DIE("%s", PQerrorMessage(c));
        PQclear(r);
    }
    return c;
}
static void run(PGconn *c, const char *sql) {
    PGresult *r = PQexec(c, sql);
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_COMMAND_OK && s != PGRES_TUPLES_OK) DIE("%s\n%s", PQerrorMessage(c), sql);
    PQclear(r);
}
static double number(PGconn *c, const char *sql) {
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) DIE("%s\n%s", PQerrorMessage(c), sql);
    double v = PQntuples(r) ? atof(PQgetvalue(r, 0, 0)) : NAN;
    PQclear(r);
    return v;
}

// Options
static int rows = 100000, batch = 500, enqueueBatch = 1000, inputBytes = 30, connections = 1, rounds = 3, change = 0, backlog = 0;
static int seconds = 60, ahead = 2, unprepared = 0, analyse = 0, split = 0;
static const char *names = "W,S,D,S2,C", *mode = "none", *prefix = "";

static const char *enqueueChange = "insert into change (ids) values ($1)";
static char *claimSQL, *finishSQL;
static const Oid enqueueTypes[] = {2951, 1009, 1009, 1007, 1185, 1016, 1007, 1009, 199, 199};
static const Oid claimTypes[] = {TEXT, INT8, TEXT, INT4, INT8};
static const Oid finishTypes[] = {2951, 1016, 1005, 199, TEXT, 1010};

// Replaces /*+change …*/ by its text when change rows are on.
static char *withChange(const char *sql) {
    char *out = calloc(1, strlen(sql) + 1), *o = out;
    for (const char *p = sql; *p;) {
        if (!strncmp(p, "/*+", 3)) {
            const char *e = strstr(p, "+*/");
            if (change) memcpy(o, p + 3, e - p - 3), o += e - p - 3;
            p = e + 3;
        } else *o++ = *p++;
    }
    return out;
}
static void prepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types) {
    if (!sql || !*sql) return;
    PGresult *r = PQprepare(c, name, sql, n, types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) DIE("%s\n%s", PQerrorMessage(c), sql);
    PQclear(r);
}
static int mapped(const char *map, Oid *types) {
    if (!map) map = "0123456789";
    int n = (int)strlen(map);
    for (int i = 0; i < n; i++) types[i] = enqueueTypes[map[i] - '0'];
    return n;
}
static void prepareAll(PGconn *c, const Variant *v) {
    Oid types[10];
    prepare(c, "enqueue", v->enqueue, mapped(v->lean ? "09" : v->map1, types), types);
    if (v->enqueue2) prepare(c, "enqueue2", v->enqueue2, mapped(v->map2, types), types);
    prepare(c, "enqueue_change", enqueueChange, 1, enqueueTypes);
    prepare(c, "claim", claimSQL, v->floor ? 5 : 3, claimTypes);
    prepare(c, "finish", finishSQL, v->tid ? 6 : 5, finishTypes);
    if (*prefix) prepare(c, "prefix", prefix, 0, NULL);
}
static Conn openConn(const Variant *v) {
    Conn k = {.c = openConnection()};
    prepareAll(k.c, v);
    PQsetnonblocking(k.c, 1);
    if (!PQenterPipelineMode(k.c)) DIE("pipeline");
    return k;
}
static void sendQuery(Conn *k, const char *name, const char *sql, int n, const Oid *types, const char **v, const int *l, const int *f) {
    int ok = unprepared ? PQsendQueryParams(k->c, sql, n, types, v, l, f, 1) : PQsendQueryPrepared(k->c, name, n, v, l, f, 1);
    if (!ok) DIE("%s", PQerrorMessage(k->c));
}
static void push(Conn *k, Op op) {
    if (!PQpipelineSync(k->c)) DIE("sync");
    if (k->count == 64) DIE("too many operations under way");
    k->ops[(k->head + k->count++) % 64] = op;
    PQflush(k->c);
}
static const int binary[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static int sendPrefix(Conn *k) {
    if (!*prefix) return 0;
    if (!PQsendQueryPrepared(k->c, "prefix", 0, NULL, NULL, NULL, 1)) DIE("%s", PQerrorMessage(k->c));
    return 1;
}

static void sendArrays(Conn *k, const char *name, const char *sql, const char *map, const Buf *b) {
    const char *values[10];
    int lengths[10];
    Oid types[10];
    int n = mapped(map, types);
    for (int i = 0; i < n; i++) {
        const Buf *p = &b[(map ? map : "0123456789")[i] - '0'];
        values[i] = p->p, lengths[i] = (int)p->n;
    }
    sendQuery(k, name, sql, n, types, values, lengths, binary);
}
static char *payload;
static void sendEnqueue(Conn *k, const Variant *v, int n) {
    static Buf b[10];
    static const Oid elements[] = {UUID, TEXT, TEXT, INT4, TIMESTAMPTZ, INT8, INT4, TEXT, JSON, JSON};
    for (int i = 0; i < 10; i++) array(&b[i], elements[i], n);
    for (int j = 0; j < n; j++) {
        uint8_t id[16];
        makeID(id);
        item(&b[0], id, 16);
        if (!v->lean) {
            item(&b[1], "thumbnail", 9);
            item(&b[2], "default", 7);
            put32(&b[3], 4), put32(&b[3], 0);
            put32(&b[4], -1);
            put32(&b[5], 8), put64(&b[5], 3600000000);
            put32(&b[6], 4), put32(&b[6], 5);
            put32(&b[7], -1);
            item(&b[8], "{}", 2);
        }
        item(&b[9], payload, inputBytes);
    }
    uint32_t one = htonl(1);
    memcpy(b[4].p + 4, &one, 4), memcpy(b[7].p + 4, &one, 4);  // these have nulls
    int statements = 1 + sendPrefix(k);
    sendArrays(k, "enqueue", v->enqueue, v->lean ? "09" : v->map1, b);
    if (v->enqueue2) sendArrays(k, "enqueue2", v->enqueue2, v->map2, b), statements++;
    if (change) sendArrays(k, "enqueue_change", enqueueChange, "0", b), statements++;
    push(k, (Op){.kind = ENQUEUE, .statements = statements, .batch.n = n});
}
static int32_t floorRank = INT32_MIN;
static int64_t floorSeq = INT64_MIN;
static void sendClaim(Conn *k, const Variant *v, int limit) {
    uint64_t n = htobe64(limit), s = htobe64(floorSeq);
    uint32_t r = htonl(floorRank);
    const char *values[] = {"default", (char *)&n, "worker-4f3a-host-17", (char *)&r, (char *)&s};
    int lengths[] = {7, 8, 19, 4, 8};
    int statements = 1 + sendPrefix(k);
    sendQuery(k, "claim", claimSQL, v->floor ? 5 : 3, claimTypes, values, lengths, binary);
    push(k, (Op){.kind = CLAIM, .statements = statements});
}
static void sendFinish(Conn *k, const Variant *v, Batch batch) {
    static Buf b[5];
    static const Oid elements[] = {UUID, INT8, INT2, JSON, TID};
    for (int i = 0; i < 5; i++) array(&b[i], elements[i], batch.n);
    for (int j = 0; j < batch.n; j++) {
        item(&b[0], batch.id[j], 16);
        put32(&b[1], 8), put64(&b[1], batch.fence[j]);
        put32(&b[2], 2), put16(&b[2], 3);
        item(&b[3], "{\"width\":128,\"height\":96}", 25);
        if (v->tid) item(&b[4], batch.tid[j], 6);
    }
    const char *values[] = {b[0].p, b[1].p, b[2].p, b[3].p, "worker-4f3a-host-17", b[4].p};
    int lengths[] = {b[0].n, b[1].n, b[2].n, b[3].n, 19, b[4].n};
    int statements = 1 + sendPrefix(k);
    sendQuery(k, "finish", finishSQL, v->tid ? 6 : 5, finishTypes, values, lengths, binary);
    push(k, (Op){.kind = FINISH, .statements = statements, .batch = batch});
}
static Batch readClaim(const Variant *v, PGresult *r) {
    int n = PQntuples(r);
    Batch b = {malloc(16 * n + 1), malloc(8 * n + 1), malloc(6 * n + 1), n};
    int tid = v->tid ? PQnfields(r) - 1 : -1;
    for (int i = 0; i < n; i++) {
        memcpy(b.id[i], PQgetvalue(r, i, 0), 16);
        uint64_t f;
        memcpy(&f, PQgetvalue(r, i, 1), 8);
        b.fence[i] = be64toh(f);
        if (tid >= 0) memcpy(b.tid[i], PQgetvalue(r, i, tid), 6);
        if (v->floor) {
            int32_t rank;
            int64_t seq;
            memcpy(&rank, PQgetvalue(r, i, 2), 4), memcpy(&seq, PQgetvalue(r, i, 3), 8);
            rank = ntohl(rank), seq = be64toh(seq);
            if (rank > floorRank || (rank == floorRank && seq > floorSeq)) floorRank = rank, floorSeq = seq;
        }
    }
    return b;
}
static void release(Batch b) { free(b.id), free(b.fence), free(b.tid); }

// Waits for something to happen, and calls `done` for each operation that has ended, with the result of its main statement.
typedef void (*Done)(void *context, Conn *k, Op op, PGresult *r);
static void step(Conn **ks, int n, Done done, void *context, int timeout) {
    struct pollfd p[4];
    for (int i = 0; i < n; i++) {
        int more = PQflush(ks[i]->c);
        p[i] = (struct pollfd){PQsocket(ks[i]->c), POLLIN | (more ? POLLOUT : 0), 0};
    }
    if (poll(p, n, timeout) < 0 && errno != EINTR) DIE("poll");
    for (int i = 0; i < n; i++) {
        if (p[i].revents & POLLOUT) PQflush(ks[i]->c);
        if (p[i].revents & (POLLIN | POLLHUP) && !PQconsumeInput(ks[i]->c)) DIE("%s", PQerrorMessage(ks[i]->c));
        static PGresult *keep[4];
        static int seen[4];
        while (ks[i]->count && !PQisBusy(ks[i]->c)) {
            PGresult *r = PQgetResult(ks[i]->c);
            if (!r) continue;
            ExecStatusType s = PQresultStatus(r);
            if (s == PGRES_PIPELINE_SYNC) {
                PQclear(r);
                Op op = ks[i]->ops[ks[i]->head];
                ks[i]->head = (ks[i]->head + 1) % 64, ks[i]->count--;
                if (seen[i] != op.statements) DIE("%d results for %d statements", seen[i], op.statements);
                PGresult *main = keep[i];
                keep[i] = NULL, seen[i] = 0;
                done(context, ks[i], op, main);
                PQclear(main);
                continue;
            }
            if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK) DIE("%s", PQresultErrorMessage(r));
            bool isMain = seen[i] == (*prefix ? 1 : 0);
            seen[i]++;
            if (isMain) keep[i] = r; else PQclear(r);
        }
    }
}

// MARK: - Enqueue and drain

typedef struct {
    const Variant *v;
    double claimSent, claimTime, fullSent, fullTime;  // of claims; of the last one that began at the head of the queue
    int claimCount;
    bool full;
    int enqueued, claimed, finished, lost, claims, enqueues, empty;
    Batch waiting[64];
    int first, count;
} Flow;
static void flowDone(void *context, Conn *k, Op op, PGresult *r) {
    (void)k;
    Flow *f = context;
    if (op.kind == ENQUEUE) f->enqueued += op.batch.n, f->enqueues--;
    if (op.kind == CLAIM) {
        f->claims--;
        double took = now() - f->claimSent;
        f->claimTime += took, f->claimCount++;
        if (f->full) f->fullSent = f->claimSent, f->fullTime = took;
        Batch b = readClaim(f->v, r);
        f->claimed += b.n;
        if (b.n) f->waiting[(f->first + f->count++) % 64] = b;
        else {
            release(b), f->empty++;
            floorRank = INT32_MIN, floorSeq = INT64_MIN;
        }
    }
    if (op.kind == FINISH) {
        f->finished += PQntuples(r);
        f->lost += op.batch.n - PQntuples(r);
        release(op.batch);
    }
}
static void enqueueAll(const Variant *v, int total) {
    Conn k = openConn(v), *ks[] = {&k};
    Flow f = {.v = v};
    for (int sent = 0; f.enqueued < total;) {
        while (k.count < ahead && sent < total) {
            int n = total - sent < enqueueBatch ? total - sent : enqueueBatch;
            sendEnqueue(&k, v, n);
            sent += n;
        }
        step(ks, 1, flowDone, &f, -1);
    }
    PQfinish(k.c);
}
// One connection: the finish of a batch travels with the claim of the next. Two: claims on one, finishes on the other.

static void drain(const Variant *v, int total) {
    Conn a = openConn(v), b = {0}, *ks[] = {&a, &b};
    if (connections == 2) b = openConn(v);
    Conn *fin = connections == 2 ? &b : &a;
    Flow f = {.v = v};
    floorRank = INT32_MIN, floorSeq = INT64_MIN;
    while (f.finished + f.lost < total) {
        while (f.claims < 1 && f.claimed < total && f.count < ahead && !(connections == 1 && a.count > 2)) {
            f.claims++;
            sendClaim(&a, v, total - f.claimed < batch ? total - f.claimed : batch);
        }
        while (f.count && fin->count < 4) {
            Batch w = f.waiting[f.first];
            f.first = (f.first + 1) % 64, f.count--;
            sendFinish(fin, v, w);
        }
        step(ks, connections, flowDone, &f, -1);
        if (f.empty > 1000) DIE("%s: claims stay empty at %d of %d", v->name, f.claimed, total);
    }
    if (f.lost) DIE("%s: %d finishes were refused", v->name, f.lost);
    PQfinish(a.c);
    if (b.c) PQfinish(b.c);
}

// All claims first, then all finishes, one at a time: what each costs.
static Flow part;
static void claimAll(const Variant *v, int total) {
    Conn a = openConn(v), *ks[] = {&a};
    part = (Flow){.v = v};
    floorRank = INT32_MIN, floorSeq = INT64_MIN;
    while (part.claimed < total) {
        if (part.count > 60) DIE("split holds 60 batches");
        int before = part.claimed;
        part.claims++;
        sendClaim(&a, v, total - part.claimed < batch ? total - part.claimed : batch);
        while (a.count) step(ks, 1, flowDone, &part, -1);
        if (part.claimed == before) DIE("%s: nothing left at %d", v->name, before);
    }
    PQfinish(a.c);
}
static void finishAll(const Variant *v, int total) {
    (void)total;
    Conn a = openConn(v), *ks[] = {&a};
    while (part.count) {
        sendFinish(&a, v, part.waiting[part.first]);
        part.first = (part.first + 1) % 64, part.count--;
        while (a.count) step(ks, 1, flowDone, &part, -1);
    }
    if (part.lost) DIE("%s: %d finishes were refused", v->name, part.lost);
    PQfinish(a.c);
}

// MARK: - bench

typedef struct { double rate, server, client, wal; } Sample;
#define MAXR 32
static int compareDouble(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}
static double median(Sample *s, int n, size_t offset) {
    double v[MAXR];
    for (int i = 0; i < n; i++) v[i] = *(double *)((char *)&s[i] + offset);
    qsort(v, n, sizeof *v, compareDouble);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}
// The lower quartile: other programs only ever add.
static double least(Sample *s, int n) {
    double v[MAXR];
    for (int i = 0; i < n; i++) v[i] = s[i].server;
    qsort(v, n, sizeof *v, compareDouble);
    return v[n / 4];
}
static Sample measure(PGconn *admin, const Variant *v, void (*work)(const Variant *, int), int n) {
    const char *lsn = "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn";
    double w = number(admin, lsn), s = serverCPU(), c = clientCPU(), t = now();
    work(v, n);
    t = now() - t;
    return (Sample){n / t / 1e3, (serverCPU() - s) / n * 1e6, (clientCPU() - c) / n * 1e6, (number(admin, lsn) - w) / n};
}
static const Variant *find(const char *name) {
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) if (!strcmp(variants[i].name, name)) return &variants[i];
    DIE("no variant %s", name);
}
static int chosen(const Variant **out) {
    char *list = strdup(names), *save = NULL;
    int n = 0;
    for (char *p = strtok_r(list, ",", &save); p; p = strtok_r(NULL, ",", &save)) out[n++] = find(p);
    return n;
}
static void setUp(PGconn *admin, const Variant *v) {
    run(admin, "set client_min_messages = warning; drop schema if exists q cascade; create schema q; set search_path = q");
    run(admin, "alter role current_user set search_path = q");
    run(admin, v->ddl);
    run(admin, "create table change (number bigint generated always as identity primary key, xid xid8 not null default pg_current_xact_id(), "
               "ids uuid[] not null)");
    if (analyse) run(admin, "vacuum analyze");
    claimSQL = withChange(v->claim), finishSQL = withChange(v->finish);
}
static double loadNow(void) { double l[1] = {0}; return getloadavg(l, 1) == 1 ? l[0] : 0; }

static void bench(PGconn *admin) {
    const Variant *vs[64];
    int n = chosen(vs);
    static Sample e[64][MAXR], d[64][MAXR], f[64][MAXR];
    double loadLow = 1e9, loadHigh = 0;
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < n; i++) {
            int j = (i + r) % n;
            setUp(admin, vs[j]);
            run(admin, "checkpoint");
            if (backlog) enqueueAll(vs[j], backlog);
            e[j][r] = measure(admin, vs[j], enqueueAll, rows);
            if (split) d[j][r] = measure(admin, vs[j], claimAll, rows), f[j][r] = measure(admin, vs[j], finishAll, rows);
            else d[j][r] = measure(admin, vs[j], drain, rows);
            double l = loadNow();
            if (l < loadLow) loadLow = l;
            if (l > loadHigh) loadHigh = l;
        }
    printf("rows %d, enqueue batches %d, batches %d, input %d bytes, connections %d, change rows %d, rounds %d, backlog %d, load %.1f to %.1f%s%s\n", rows,
           enqueueBatch, batch, inputBytes, connections, change, rounds, backlog, loadLow, loadHigh, *settings ? ", " : "", settings);
    printf("%-16s %9s %8s %8s %8s | %9s %8s %8s %8s%s\n", "", "enq k/s", "srv us", "low", "wal B", split ? "claim k/s" : "drain k/s", "srv us", "low",
           "wal B", split ? " |  finish k/s  srv us      low    wal B" : "");
    for (int i = 0; i < n; i++) {
#define M(x, f) median(x[i], rounds, offsetof(Sample, f))
        printf("%-16s %9.1f %8.2f %8.2f %8.0f | %9.1f %8.2f %8.2f %8.0f", vs[i]->name, M(e, rate), M(e, server), least(e[i], rounds), M(e, wal), M(d, rate),
               M(d, server), least(d[i], rounds), M(d, wal));
        if (split) printf(" |  %9.1f %8.2f %8.2f %8.0f", M(f, rate), M(f, server), least(f[i], rounds), M(f, wal));
        printf("\n");
    }
    fflush(stdout);
}

// MARK: - pinned

// Enqueues and drains at a steady backlog while another session pins what may be removed.
static void pinned(PGconn *admin) {
    const Variant *vs[64];
    int n = chosen(vs);
    for (int i = 0; i < n; i++) {
        const Variant *v = vs[i];
        setUp(admin, v);
        run(admin, "checkpoint");
        enqueueAll(v, backlog);
        PGconn *pin = openConnection();
        if (!strcmp(mode, "snapshot")) run(pin, "begin isolation level repeatable read; select count(*) from task");
        if (!strcmp(mode, "xid")) run(pin, "begin; select pg_current_xact_id()");
        Conn a = openConn(v), b = openConn(v), c = openConn(v), *ks[] = {&a, &b, &c};
        Flow f = {.v = v, .enqueued = backlog};
        int sent = backlog;
        floorRank = INT32_MIN, floorSeq = INT64_MIN;
        double start = now(), mark = start, cpu = serverCPU();
        int markFinished = 0;
        printf("%s, %s: steady backlog %d, batches %d\n%8s %10s %10s %10s %10s %10s %8s\n", v->name, mode, backlog, batch, "s", "finished", "k/s",
               "srv us", "claim ms", "head ms", "load");
        while (f.finished < rows && now() - start < seconds) {
            // Only what the drain took is replaced: the drain sets the pace.
            while (sent - f.claimed < backlog && c.count < 2 && sent < rows + backlog) sendEnqueue(&c, v, enqueueBatch), sent += enqueueBatch;
            while (f.claims < 1 && f.count < ahead && f.claimed < rows) {
                f.claimSent = now();
                // From the head again as often as takes a twentieth of the time: for those put back and for higher priorities.
                f.full = floorSeq == INT64_MIN || f.claimSent - f.fullSent > 20 * f.fullTime;
                if (f.full) floorRank = INT32_MIN, floorSeq = INT64_MIN;
                f.claims++;
                sendClaim(&a, v, batch);
            }
            while (f.count && b.count < 4) {
                Batch w = f.waiting[f.first];
                f.first = (f.first + 1) % 64, f.count--;
                sendFinish(&b, v, w);
            }
            step(ks, 3, flowDone, &f, 1000);
            double t = now();
            if (t - mark >= seconds / 12.0) {
                double s = serverCPU();
                int m = f.finished - markFinished;
                printf("%8.0f %10d %10.1f %10.2f %10.2f %10.2f %8.1f\n", t - start, f.finished, m / (t - mark) / 1e3, (s - cpu) / (m ? m : 1) * 1e6,
                       f.claimTime / (f.claimCount ? f.claimCount : 1) * 1e3, f.fullTime * 1e3, loadNow());
                f.claimTime = 0, f.claimCount = 0;
                fflush(stdout);
                mark = t, cpu = s, markFinished = f.finished;
            }
        }
        printf("%8.0f %10d %10.1f (mean) refused %d empty %d\n", now() - start, f.finished, f.finished / (now() - start) / 1e3, f.lost, f.empty);
        fflush(stdout);
        PQfinish(a.c), PQfinish(b.c), PQfinish(c.c), PQfinish(pin);
    }
}

// MARK: - plans

static void explain(PGconn *c, const char *what, const char *execute) {
    char sql[200000];
    snprintf(sql, sizeof sql, "explain (costs off) %s", execute);
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) DIE("%s%s", PQerrorMessage(c), sql);
    printf("    %-7s", what);
    for (int i = 0; i < PQntuples(r); i++) {
        char *line = PQgetvalue(r, i, 0);
        static const char *shown[] = {"Scan", "Join", "Loop", "Sort", "Hash", "Materialize", "Tid Cond", "TID Cond", "Index Cond"};
        bool show = false;
        for (size_t j = 0; j < sizeof shown / sizeof *shown; j++) show = show || strstr(line, shown[j]);
        if (!show || strstr(line, "CTE Scan") || strstr(line, "Function Scan")) continue;
        line += strspn(line, " ->");
        printf(" | %.70s", line);
    }
    printf("\n");
    PQclear(r);
}
// How the claim and the finish are planned, generic and custom, in states of the tables that a server can find itself in.
static void plans(PGconn *admin) {
    const Variant *vs[64];
    int n = chosen(vs);
    static const struct { const char *name, *sql; int fill, claims; } states[] = {
        {"new tables", NULL, 0, 0},
        {"vacuumed while empty", "vacuum analyze", 0, 0},
        {"then filled", NULL, 200000, 0},
        {"then 2 batches claimed", NULL, 0, 2},
        {"analysed", "vacuum analyze", 0, 0},
        {"then half claimed", NULL, 0, 200},
        {"analysed", "vacuum analyze", 0, 0},
        {"then all but 200 deleted, not vacuumed", "delete from task_live where ctid not in (select ctid from task_live limit 200)", 0, 0},
        {"vacuumed", "vacuum analyze", 0, 0},
        {"then filled", NULL, 200000, 0},
    };
    for (int i = 0; i < n; i++) {
        setUp(admin, vs[i]);
        run(admin, "alter table task_live set (autovacuum_enabled = false); alter table task set (autovacuum_enabled = false)");
        printf("%s%s%s\n", vs[i]->name, *settings ? ", " : "", settings);
        for (size_t j = 0; j < sizeof states / sizeof *states; j++) {
            if (states[j].sql) run(admin, states[j].sql);
            if (states[j].fill) enqueueAll(vs[i], states[j].fill);
            if (states[j].claims) {
                PGconn *c = openConnection();
                run(c, "set enable_seqscan = off; set enable_sort = off");
                prepareAll(c, vs[i]);
                for (int k = 0; k < states[j].claims; k++) run(c, vs[i]->floor ? "execute claim('default', 500, 'w', -2147483648, 0)" : "execute claim('default', 500, 'w')");
                PQfinish(c);
            }
            printf("  %s\n", states[j].name);
            PGconn *c = openConnection();
            prepareAll(c, vs[i]);
            PGresult *r = PQexec(c, "select coalesce(array_agg(id), '{}'), coalesce(array_agg(1), '{}'), coalesce(array_agg('{}'::text), '{}'), "
                                    "coalesce(array_agg(tid), '{}') from (select id, ctid tid from task_live limit 500) t");
            if (PQresultStatus(r) != PGRES_TUPLES_OK) DIE("%s", PQerrorMessage(c));
            char finish[150000], *claim = vs[i]->floor ? "execute claim('default', 500, 'w', 0, 0)" : "execute claim('default', 500, 'w')";
            int m = snprintf(finish, sizeof finish, "execute finish('%s', '%s', '%s', '%s', 'w'", PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1), PQgetvalue(r, 0, 1),
                             PQgetvalue(r, 0, 2));
            snprintf(finish + m, sizeof finish - m, vs[i]->tid ? ", '%s')" : ")", PQgetvalue(r, 0, 3));
            PQclear(r);
            run(c, "set plan_cache_mode = force_generic_plan");
            explain(c, "claim g", claim), explain(c, "finish g", finish);
            run(c, "set plan_cache_mode = force_custom_plan");
            explain(c, "claim c", claim), explain(c, "finish c", finish);
            PQfinish(c);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 2) DIE("schemas bench|pinned [options]: see the head of schemas.c");
    const char *command = argv[1];
    optind = 2;
    for (int o; (o = getopt(argc, argv, "v:n:b:e:i:c:r:x:s:k:t:m:p:uaS")) != -1;) switch (o) {
        case 'v': names = optarg; break;
        case 'n': rows = atoi(optarg); break;
        case 'b': batch = atoi(optarg); break;
        case 'e': enqueueBatch = atoi(optarg); break;
        case 'i': inputBytes = atoi(optarg); break;
        case 'c': connections = atoi(optarg); break;
        case 'r': rounds = atoi(optarg); break;
        case 'x': change = atoi(optarg); break;
        case 's': settings = optarg; break;
        case 'k': backlog = atoi(optarg); break;
        case 't': seconds = atoi(optarg); break;
        case 'm': mode = optarg; break;
        case 'p': prefix = optarg; break;
        case 'u': unprepared = 1; break;
        case 'S': split = 1; break;
        case 'a': analyse = 1; break;
        default: DIE("unknown option");
        }
    if (rounds > MAXR) DIE("at most %d rounds", MAXR);
    payload = malloc(inputBytes + 64);
    int head = sprintf(payload, "{\"path\":\"");
    for (int i = head; i < inputBytes - 2; i++) payload[i] = "abcdefghijklmnopqrstuvwxyz012345"[random64() & 31];
    strcpy(payload + inputBytes - 2, "\"}");
    PGconn *admin = openConnection();
    PGresult *r = PQexec(admin, "show data_directory");
    char path[512];
    snprintf(path, sizeof path, "%s/postmaster.pid", PQgetvalue(r, 0, 0));
    PQclear(r);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%d", &postmaster) != 1) DIE("cannot read %s", path);
    fclose(file);
    if (!strcmp(command, "bench")) bench(admin);
    else if (!strcmp(command, "pinned")) pinned(admin);
    else if (!strcmp(command, "plans")) plans(admin);
    else DIE("no command %s", command);
    PQfinish(admin);
}
