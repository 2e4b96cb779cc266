"""Measures tasks-bench, pgqueuer and procrastinate on one PostgreSQL, turn by turn; Benchmarks/postgres-peers.sh runs it.

Every figure of a program is the median of its runs. Each run is a process of its own with a schema of its own, and does in this order:
enqueue jobs a thousand at once (two batches on their way), drain them with a handler that does nothing, count by SQL what is done,
enqueue jobs one by one. A drain lasts from the start of the workers, connected already, until no unfinished row is left.
"""

import argparse
import asyncio
import importlib.metadata
import json
import logging
import os
import statistics
import subprocess
import sys
import time
import uuid

BATCH = 1000
# Callers at once, and connections they share: one each, or as many as pgqueuer's guide gives a pool of producers.
SINGLE = {"enqueue_single_per_s": (8, 8), "enqueue_single_64_per_s": (64, 20)}
FIGURES = ("enqueue_bulk_per_s", "enqueue_single_per_s", "enqueue_single_64_per_s", "drain_per_s", "rows_done")


class PgQueuer:
    """asyncpg; as its guide says: autovacuum set, a connection to each manager, a pool for producers; all tables logged.

    The guide wants larger batches than the ten of its default for short jobs, and names no size. The default here is the best seen of
    10 to 1000 with one to five managers, on a busy machine: batches of ten were about half as fast.
    """

    packages = ("pgqueuer", "asyncpg")
    keeps = "a log of each job's states, without its payload"
    # Both parts of a state change are one statement: the row leaves the queue as its log line is written.
    unfinished = "SELECT EXISTS (SELECT FROM pgqueuer)"
    done = "SELECT count(*) FROM pgqueuer_log WHERE status = 'successful'"

    def __init__(self, url, schema, options):
        self.url, self.schema, self.options = url, schema, options

    async def pool(self, size):
        import asyncpg

        return await asyncpg.create_pool(self.url, min_size=size, max_size=size, server_settings={"search_path": self.schema})

    async def prepare(self):
        from pgqueuer.db import AsyncpgDriver
        from pgqueuer.queries import Queries

        connection = await connect(self.url, self.schema)
        queries = Queries(AsyncpgDriver(connection))
        await queries.install()
        await queries.optimize_autovacuum()
        logged = await connection.fetchval(
            "SELECT bool_and(relpersistence = 'p') FROM pg_class WHERE relkind = 'r' AND relnamespace = $1::regnamespace", self.schema
        )
        await connection.close()
        if not logged:
            raise SystemExit("error: a table of pgqueuer's is not logged; is PGQUEUER_DURABILITY set?")

    async def bulk(self, count):
        async with await self.producers(2) as queries:

            async def half(first):
                for start in range(first * BATCH, count, 2 * BATCH):
                    size = min(BATCH, count - start)
                    payload = [b'{"number":%d}' % number for number in range(start, start + size)]
                    await queries.enqueue(["no-op"] * size, payload, [0] * size)

            return await rate(count, half(0), half(1))

    async def single(self, count, callers, connections):
        async with await self.producers(connections) as queries:

            async def caller(first):
                for number in range(first, count, callers):
                    await queries.enqueue("no-op", b'{"number":%d}' % number)

            return await rate(count, *(caller(first) for first in range(callers)))

    async def producers(self, connections):
        from pgqueuer.db import AsyncpgPoolDriver
        from pgqueuer.queries import Queries

        return Producers(await self.pool(connections), lambda pool: Queries(AsyncpgPoolDriver(pool)))

    async def workers(self, handled):
        import pgqueuer
        from pgqueuer.db import AsyncpgDriver

        connections = [await connect(self.url, self.schema) for _ in range(self.options.pgqueuer_managers)]
        managers = [pgqueuer.PgQueuer(AsyncpgDriver(connection)) for connection in connections]
        for manager in managers:

            @manager.entrypoint("no-op")
            async def no_op(job):
                handled()

        async def work():
            await asyncio.gather(*(manager.run(batch_size=self.options.pgqueuer_batch) for manager in managers))

        async def close():
            for connection in connections:
                await connection.close()

        return work, close


class Procrastinate:
    """PsycopgConnector; finished jobs are not deleted, which is its default.

    Of concurrencies from 1 to 30 and pools of 2 to 10 none was clearly the fastest; it fetches jobs one by one.
    """

    packages = ("procrastinate", "psycopg")
    keeps = "each job with its arguments, and its events"
    unfinished = "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
    done = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"

    def __init__(self, url, schema, options):
        self.url, self.schema, self.options = url, schema, options
        self.handled = lambda: None

    def app(self, connections):
        import procrastinate

        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=self.url, kwargs={"options": f"-c search_path={self.schema}"}, min_size=connections, max_size=connections
            )
        )

        @app.task(name="no-op", queue="bench")
        async def no_op(number):
            self.handled()

        return app, no_op

    async def prepare(self):
        app, _ = self.app(1)
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    async def bulk(self, count):
        app, task = self.app(2)
        async with app.open_async():

            async def half(first):
                for start in range(first * BATCH, count, 2 * BATCH):
                    await task.batch_defer_async(*({"number": number} for number in range(start, min(count, start + BATCH))))

            return await rate(count, half(0), half(1))

    async def single(self, count, callers, connections):
        app, task = self.app(connections)
        async with app.open_async():

            async def caller(first):
                for number in range(first, count, callers):
                    await task.defer_async(number=number)

            return await rate(count, *(caller(first) for first in range(callers)))

    async def workers(self, handled):
        self.handled = handled
        app, _ = self.app(self.options.procrastinate_connections)
        await app.open_async()

        async def work():
            await app.run_worker_async(
                queues=["bench"], concurrency=self.options.procrastinate_concurrency, install_signal_handlers=False, delete_jobs="never"
            )

        return work, app.close_async


class Producers:
    """A pool and what enqueues with it, closed at the end."""

    def __init__(self, pool, make):
        self.pool, self.make = pool, make

    async def __aenter__(self):
        return self.make(self.pool)

    async def __aexit__(self, *_):
        await self.pool.close()


async def connect(url, schema=None):
    import asyncpg

    return await asyncpg.connect(url, server_settings={"search_path": schema} if schema else None)


async def rate(count, *work):
    start = time.perf_counter()
    await asyncio.gather(*work)
    return count / (time.perf_counter() - start)


async def drain(peer, watch, count):
    """Jobs a second from the start of the workers until no unfinished row is left."""
    handled, all_handled = 0, asyncio.Event()

    def one_more():
        nonlocal handled
        handled += 1
        if handled >= count:
            all_handled.set()

    finished = asyncio.ensure_future(all_handled.wait())
    work, close = await peer.workers(one_more)
    start = time.perf_counter()
    working = asyncio.ensure_future(work())
    await asyncio.wait({finished, working}, return_when=asyncio.FIRST_COMPLETED)
    if not finished.done():
        await working
        raise SystemExit(f"error: the workers ended after {handled} of {count} jobs")
    # The database is asked only when the handlers have run, so as not to take part in the measurement.
    while await watch.fetchval(peer.unfinished):
        await asyncio.sleep(0.002)
    seconds = time.perf_counter() - start
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await close()
    return count / seconds


async def measure_peer(name, options, url):
    schema = f"peers_{uuid.uuid4().hex[:12]}"
    watch = await connect(url, schema)
    await watch.execute(f"CREATE SCHEMA {schema}")
    jobs, singles = jobs_of(name, options)
    try:
        peer = PEERS[name](url, schema, options)
        await peer.prepare()
        figures = {"enqueue_bulk_per_s": await peer.bulk(jobs)}
        # What autovacuum does in a database that is older than a minute.
        await watch.execute("ANALYZE")
        figures["drain_per_s"] = await drain(peer, watch, jobs)
        figures["rows_done"] = await watch.fetchval(peer.done)
        if figures["rows_done"] != jobs:
            raise SystemExit(f"error: {figures['rows_done']} of {jobs} jobs of {name} are done; something was lost")
        for figure, (callers, connections) in SINGLE.items():
            figures[figure] = await peer.single(singles, callers, connections)
        return figures
    finally:
        await watch.execute(f"DROP SCHEMA {schema} CASCADE")


def measure_tasks_bench(options, url):
    program = os.environ["TASKS_BENCH"]
    arguments = ["--store", url, "--drain", str(options.drain), "--enqueue", str(options.enqueue)]
    arguments += ["--runs", "1", "--latency", "0", "--no-ceiling", "--json"]
    figures = run([program, *arguments])
    figures["enqueue_single_64_per_s"] = figures.pop("enqueue_single_per_s")
    help_text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    if "--callers" in help_text:
        figures["enqueue_single_per_s"] = run([program, *arguments, "--callers", "8"])["enqueue_single_per_s"]
    return figures


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise SystemExit(f"error: {os.path.basename(command[0])} ended with {result.returncode}; its own words are above")
    return json.loads(result.stdout)


def jobs_of(name, options):
    slow = name == "procrastinate"
    return (min(options.slow, options.drain), min(options.slow, options.enqueue)) if slow else (options.drain, options.enqueue)


PEERS = {"pgqueuer": PgQueuer, "procrastinate": Procrastinate}
PROGRAMS = ("tasks-bench", *PEERS)


async def check_durable(url):
    connection = await connect(url)
    settings = {name: await connection.fetchval(f"SHOW {name}") for name in ("server_version", "fsync", "synchronous_commit")}
    await connection.close()
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        raise SystemExit(f"error: this server is not durable as measured here: {settings}; both must be on")
    return settings


def describe(name, options):
    if name == "tasks-bench":
        return os.environ.get("TASKS_BENCH_VERSION") or None, "each task with its input and result", "1 process, its defaults"
    version = importlib.metadata.version(PEERS[name].packages[0])
    if name == "pgqueuer":
        settings = f"1 process, managers: {options.pgqueuer_managers}, batches of {options.pgqueuer_batch}"
    else:
        settings = f"1 process, concurrency {options.procrastinate_concurrency}, {options.procrastinate_connections} connections"
    drivers = [f"{package} {importlib.metadata.version(package)}" for package in PEERS[name].packages[1:]]
    return version, PEERS[name].keeps, ", ".join([settings, *drivers, "uvloop"])


def compare(options, url):
    server = asyncio.run(check_durable(url))
    load = [round(value, 2) for value in os.getloadavg()]
    chosen = options.programs.split(",") if options.programs else PROGRAMS
    runs = {name: [] for name in chosen}
    for number in range(1, options.runs + 1):
        for name in chosen:
            print(f"run {number} of {options.runs}: {name}", file=sys.stderr, flush=True)
            if name == "tasks-bench":
                figures = measure_tasks_bench(options, url)
            else:
                figures = run([sys.executable, os.path.abspath(__file__), *sys.argv[1:], "--one", name])
            runs[name].append(figures)
    programs = {}
    for name, results in runs.items():
        version, keeps, settings = describe(name, options)
        jobs, singles = jobs_of(name, options)
        programs[name] = {figure: median(results, figure) for figure in FIGURES}
        programs[name] |= {"version": version, "jobs": jobs, "jobs_single": singles, "keeps": keeps, "settings": settings}
    return {"programs": programs, "runs": options.runs, "server": server, "load_before": load, "cpus": os.cpu_count()}


def median(results, figure):
    values = [result[figure] for result in results if figure in result]
    return round(statistics.median(values), 1) if values else None


def table(report):
    head = ("", "bulk/s", "single/s, 8 callers", "single/s, 64 callers", "drain/s", "rows done")
    rows = [head]
    for name, program in report["programs"].items():
        figures = ["–" if program[figure] is None else f"{program[figure]:.0f}" for figure in FIGURES]
        rows.append((f"{name} {program['version'] or ''}".strip(), *figures))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]) for row in rows]
    lines.append("")
    for name, program in report["programs"].items():
        lines.append(f"{name}: {program['jobs']} jobs drained, {program['settings']}; keeps {program['keeps']}")
    server = report["server"]
    lines.append(
        f"PostgreSQL {server['server_version']}, fsync and synchronous_commit on; medians of {report['runs']}, turn by turn; "
        f"{report['cpus']} CPUs, load before {report['load_before'][0]}. – is not measured: the program cannot."
    )
    return "\n".join(lines)


def parse():
    parser = argparse.ArgumentParser(description="Measures tasks-bench, pgqueuer and procrastinate on one PostgreSQL, turn by turn.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--runs", type=positive, default=3, help="how often to measure; the median counts (default: 3)")
    parser.add_argument("--drain", type=positive, default=20000, help="jobs to enqueue in bulk and drain (default: 20000)")
    parser.add_argument("--enqueue", type=positive, default=5000, help="jobs to enqueue one by one (default: 5000)")
    parser.add_argument("--slow", type=positive, default=3000, help="at most so many of either for procrastinate (default: 3000)")
    parser.add_argument("--programs", help=f"which of {','.join(PROGRAMS)} (default: all)")
    parser.add_argument("--pgqueuer-managers", type=positive, default=1, help="each with a connection (default: 1; its own benchmark: 5)")
    parser.add_argument("--pgqueuer-batch", type=positive, default=500, help="jobs a manager fetches at once (default: 500; its own: 10)")
    parser.add_argument("--procrastinate-concurrency", type=positive, default=30, help="jobs at once (default: 30; its own: 1)")
    parser.add_argument("--procrastinate-connections", type=positive, default=4, help="of the worker's pool (default: 4, psycopg_pool's)")
    parser.add_argument("--one", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set(options.programs.split(",") if options.programs else ()) - set(PROGRAMS)
    if unknown:
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    return options


def positive(text):
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("must be positive")
    return number


def main():
    options = parse()
    url = os.environ.get("TASKCORE_POSTGRES_URL") or sys.exit("error: TASKCORE_POSTGRES_URL is not set; run Benchmarks/postgres-peers.sh")
    if options.one:
        import uvloop

        # It warns of an App made in the program's main file, where only a worker's command line would look in vain for it.
        logging.getLogger("procrastinate").setLevel(logging.ERROR)
        print(json.dumps(uvloop.run(measure_peer(options.one, options, url))))
        return
    report = compare(options, url)
    print(json.dumps(report, indent=2) if options.json else table(report))


if __name__ == "__main__":
    main()
