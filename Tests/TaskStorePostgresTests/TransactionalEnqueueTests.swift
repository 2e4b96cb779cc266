import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// Enqueues within a transaction of the application's own, on its own connection.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct TransactionalEnqueueTests {
    struct Greet: TaskDefinition {
        static let name = "greet"
        static let defaults = TaskDefaults(queue: "greetings", maxAttempts: 7)
        func run(_ name: String, context: TaskContext) async throws -> String { "Hello, \(name)" }
    }

    @Test("a task appears with the commit and not before", arguments: EnqueueRoute.allCases)
    func commit(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            let task = NewTask(name: "greet", input: .null)
            let claim = ClaimRequest(
                worker: .make(prefix: "w"),
                queues: [.init("default", limit: 5)],
                leaseDuration: .seconds(20)
            )
            try place.mine.run("BEGIN")
            #expect(try place.mine.enqueue(task, route, place.enqueue) == .inserted(task.id))
            #expect(try await place.store.tasks([task.id]) == [nil])
            #expect(try await place.store.claim(claim).tasks.isEmpty)
            try place.mine.run("COMMIT")
            #expect(try await place.store.tasks([task.id])[0]?.status == .queued)
            #expect(try await place.store.claim(claim).tasks.map(\.record.id) == [task.id])
        }
    }

    @Test("a rollback leaves nothing, neither a task nor its keys", arguments: EnqueueRoute.allCases)
    func rollback(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            let task = NewTask(name: "greet", input: .null, idempotency: .init("k"), uniqueKey: "u")
            try place.mine.run("BEGIN")
            #expect(try place.mine.enqueue(task, route, place.enqueue) == .inserted(task.id))
            #expect(try place.rows() == ["1", "1", "1", "1"])
            try place.mine.run("ROLLBACK")
            #expect(try place.rows() == ["0", "0", "0", "0"])
            // With another input the key would be in conflict if it had been kept.
            let other = NewTask(
                name: "greet",
                input: try JSONText(encoding: 2),
                idempotency: .init("k"),
                uniqueKey: "u"
            )
            #expect(try place.mine.enqueue(other, route, place.enqueue) == .inserted(other.id))
        }
    }

    @Test("known ids and keys are answered as the store answers them", arguments: EnqueueRoute.allCases)
    func known(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            func enqueue(_ task: NewTask) throws -> EnqueueOutcome {
                try place.mine.enqueue(task, route, place.enqueue)
            }
            let first = NewTask(name: "a", input: .null, idempotency: .init("k"), uniqueKey: "u")
            _ = try await place.store.enqueue([EnqueueRequest(first)])
            let before = try place.rows()
            #expect(try enqueue(first) == .existing(first.id))
            #expect(try enqueue(NewTask(name: "a", idempotency: .init("k"))) == .existing(first.id))
            #expect(try enqueue(NewTask(name: "b", idempotency: .init("k"))) == .conflict(first.id))
            #expect(try enqueue(NewTask(name: "b", uniqueKey: "u")) == .existing(first.id))
            #expect(try place.rows() == before)
            // Another owner's key is another key.
            let others = NewTask(name: "b", owner: "o", idempotency: .init("k"))
            #expect(try enqueue(others) == .inserted(others.id))
        }
    }

    @Test("every part of a task is kept as the store itself keeps it", arguments: EnqueueRoute.allCases)
    func everyPart(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            var early = NewTask(name: "early", runAt: Date(timeIntervalSince1970: -62_135_596_800))
            early.parent = TaskID()
            let full = NewTask(
                name: "naïve 'name' \\ 名",
                input: try JSONText(encoding: ["\n\t \" \\ 🐘": [1.5, -2]]),
                queue: "q \"x\"",
                priority: -32768,
                metadata: ["k": .string("v'\\"), "ü": .array([.null, .bool(true)])],
                runAt: Date(timeIntervalSince1970: 4_102_444_800.123456),
                maxAttempts: 1000,
                timeout: .microseconds(1_234_567),
                owner: "",
                parent: TaskID(),
                idempotency: .init("key", timeToLive: .seconds(3)),
                uniqueKey: "unique",
                followUps: [NewTask(name: "next", input: try JSONText(encoding: 7), followUps: [NewTask(name: "last")])]
            )
            for task in [early, full, NewTask(name: "late", runAt: .distantFuture), NewTask(name: "plain")] {
                var twin = task
                twin.id = TaskID()
                if task.uniqueKey != nil {
                    (twin.idempotency, twin.uniqueKey) = (.init("2", timeToLive: .seconds(3)), "2")
                }
                _ = try await place.store.enqueue([EnqueueRequest(try twin.validated())])
                #expect(try place.mine.enqueue(task, route, place.enqueue) == .inserted(task.id))
                let records = try await place.store.tasks([task.id, twin.id]).compactMap(\.self)
                try #require(records.count == 2)
                var request = records[0].request
                #expect(request.idempotency?.key == task.idempotency?.key && request.uniqueKey == task.uniqueKey)
                #expect(request.idempotency?.timeToLive == task.idempotency?.timeToLive)
                (request.id, request.idempotency, request.uniqueKey) = (twin.id, twin.idempotency, twin.uniqueKey)
                #expect(request == records[1].request)
                #expect(records[0].version == records[1].version && records[0].status == records[1].status)
                if task.runAt != nil { #expect(records[0].runAt == records[1].runAt) }
            }
        }
    }

    @Test("who listens is told by the commit, once for all tasks of a transaction, and by no rollback")
    func notification() async throws {
        try await Workplace.with { place in
            let listener = try PlainConnection(place.address)
            try listener.run("LISTEN \"\(place.schema)_work\"")
            try listener.run("LISTEN \"\(place.schema)_changes\"")
            for end in ["ROLLBACK", "COMMIT"] {
                try place.mine.run("BEGIN")
                for route in EnqueueRoute.allCases {
                    _ = try place.mine.enqueue(NewTask(name: "greet"), route, place.enqueue)
                }
                #expect(try listener.notifications() == [])
                try place.mine.run(end)
                let expected = ["\(place.schema)_work work", "\(place.schema)_changes changes"]
                #expect(try listener.notifications() == (end == "COMMIT" ? expected : []))
            }
        }
    }

    @Test(
        "a worker that would not look by itself runs the task, and its result is awaited by handle",
        .timeLimit(.minutes(1))
    )
    func worker() async throws {
        try await Workplace.with { place in
            let tasks = try await TaskManager(store: place.store)
            var configuration = TaskWorker.Configuration(queues: [.init("greetings", concurrency: 1)])
            configuration.pollInterval = .seconds(3600)
            configuration.sweepInterval = .seconds(3600)
            let worker = try TaskWorker(tasks, configuration: configuration) { Greet() }
            try await worker.whileRunning {
                // One after the other, so that the worker has gone to rest in between.
                for name in ["Ada", "Grace", "Barbara"] {
                    try place.mine.run("BEGIN")
                    let outcome = try place.mine.send(place.enqueue.statement(for: Greet.self, name))
                    try place.mine.run("COMMIT")
                    #expect(try await tasks.handle(outcome.taskID, of: Greet.self).value == "Hello, \(name)")
                }
            }
            let record = try #require(try await place.store.list(TaskQuery()).records.first)
            #expect(record.request.maxAttempts == 7 && record.request.queue == "greetings")
        }
    }

    @Test("who follows changes sees those of a transaction that was open while later ones were committed")
    func changes() async throws {
        try await Workplace.with { place in
            let (early, late) = (NewTask(name: "early"), NewTask(name: "late"))
            let start = try await place.store.changes(since: nil, limit: 10).cursor
            try place.mine.run("BEGIN")
            _ = try place.mine.enqueue(early, .statement, place.enqueue)
            _ = try await place.store.enqueue([EnqueueRequest(late)])
            let first = try await place.store.changes(since: start, limit: 10)
            #expect(first.ids == [late.id])
            try place.mine.run("COMMIT")
            #expect(try await place.store.changes(since: first.cursor, limit: 10).ids == [early.id])
        }
    }

    @Test(
        "of 100 transactions with one key, the first of which is rolled back, one stores its task",
        .timeLimit(.minutes(2))
    )
    func duplicates() async throws {
        try await Workplace.with { place in
            @Sendable func task() -> NewTask { NewTask(name: "greet", idempotency: .init("once")) }
            try place.mine.run("BEGIN")
            _ = try place.mine.enqueue(task(), .statement, place.enqueue)
            let name = "waiting in \(place.schema)"
            try await withThrowingTaskGroup(of: EnqueueOutcome.self) { group in
                for index in 1..<100 {
                    group.addTask {
                        try await onThread {
                            let connection = try PlainConnection(place.address)
                            try connection.run("SELECT set_config('application_name', $1, false)", [name])
                            try connection.run("BEGIN")
                            let route = EnqueueRoute.allCases[index % 2]
                            let outcome = try connection.enqueue(task(), route, place.enqueue)
                            try connection.run("COMMIT")
                            return outcome
                        }
                    }
                }
                // All of them wait for what becomes of the first.
                let waiting =
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'"
                let watcher = try PlainConnection(place.address)
                while try watcher.value(waiting, [name]) != "99" { try await Task.sleep(for: .milliseconds(20)) }
                try place.mine.run("ROLLBACK")
                var outcomes: [EnqueueOutcome] = []
                for try await outcome in group { outcomes.append(outcome) }
                let inserted = outcomes.filter { if case .inserted = $0 { true } else { false } }
                try #require(inserted.count == 1)
                #expect(Set(outcomes) == [inserted[0], .existing(inserted[0].taskID)])
            }
            #expect(try place.rows() == ["1", "1", "1", "1"])
        }
    }

    @Test(
        "it works at every isolation level, and a lost race is an error that a repetition heals",
        arguments: EnqueueRoute.allCases
    )
    func isolation(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            for level in ["REPEATABLE READ", "SERIALIZABLE"] {
                func task() -> NewTask { NewTask(name: "greet", idempotency: .init(level)) }
                try place.mine.run("BEGIN ISOLATION LEVEL \(level)")
                try place.mine.run("SELECT 1")
                let winner = task()
                _ = try await place.store.enqueue([EnqueueRequest(winner)])
                #expect(throws: (any Error).self) { try place.mine.enqueue(task(), route, place.enqueue) }
                try place.mine.run("ROLLBACK")
                try place.mine.run("BEGIN ISOLATION LEVEL \(level)")
                #expect(try place.mine.enqueue(task(), route, place.enqueue) == .existing(winner.id))
                try place.mine.run("COMMIT")
            }
        }
    }

    @Test("a role with the documented rights can enqueue and nothing else")
    func rights() async throws {
        try await Workplace.with { place in
            let (schema, role) = ("\"\(place.schema)\"", "\"\(place.schema)_app\"")
            let grants = try documentedGrants().map {
                $0.replacing("taskcore", with: schema).replacing("app_role", with: role)
            }
            try #require(grants.count >= 5)
            try place.mine.run("CREATE ROLE \(role)")
            for grant in grants { try place.mine.run(grant) }
            try place.mine.run("SET ROLE \(role)")
            for route in EnqueueRoute.allCases {
                let task = NewTask(name: "greet", idempotency: .init("k \(route)"), uniqueKey: "u \(route)")
                #expect(try place.mine.enqueue(task, route, place.enqueue) == .inserted(task.id))
                #expect(
                    try place.mine.enqueue(NewTask(name: "x", uniqueKey: "u \(route)"), route, place.enqueue)
                        == .existing(task.id)
                )
                let again = NewTask(name: "greet", idempotency: .init("k \(route)"))
                #expect(try place.mine.enqueue(again, route, place.enqueue) == .existing(task.id))
            }
            for (columns, table) in [
                ("*", "task_done"), ("*", "attempt"), ("*", "worker"), ("input", "task"), ("worker", "task_live"),
            ] {
                #expect(throws: PlainConnection.Failure(state: "42501")) {
                    try place.mine.run("SELECT \(columns) FROM \(schema).\(table)")
                }
            }
            try place.mine.run("RESET ROLE")
            try place.mine.run("DROP OWNED BY \(role)")
            try place.mine.run("DROP ROLE \(role)")
        }
    }

    @Test("what makes no sense is refused before anything is sent", arguments: EnqueueRoute.allCases)
    func refused(_ route: EnqueueRoute) async throws {
        try await Workplace.with { place in
            try place.mine.run("BEGIN")
            for task in [NewTask(name: ""), NewTask(name: "a", priority: 40_000), NewTask(name: "a\u{0}")] {
                let error = #expect(throws: TaskError.self) { try place.mine.enqueue(task, route, place.enqueue) }
                #expect(error?.code == .invalidInput)
            }
            // The transaction is still good.
            #expect(try place.mine.enqueue(NewTask(name: "a"), route, place.enqueue).taskID != nil as TaskID?)
            try place.mine.run("COMMIT")
        }
    }

    @Test(
        "what makes no sense is refused by the function, too, for those who write SQL by hand",
        arguments: [
            ("NULL, 'n'", "22023"), ("gen_random_uuid(), ''", "22023"), ("gen_random_uuid(), 'n', 'no json'", "22P02"),
            ("gen_random_uuid(), 'n', p_metadata => '[]'", "22023"),
            ("gen_random_uuid(), 'n', p_priority => 32768", "22023"),
            ("gen_random_uuid(), 'n', p_max_attempts => 0", "22023"),
            ("gen_random_uuid(), 'n', p_timeout_us => 0", "22023"),
            ("gen_random_uuid(), 'n', p_run_at => 'infinity'", "22023"),
            ("gen_random_uuid(), 'n', p_queue => NULL", "22023"),
            ("gen_random_uuid(), 'n', p_unique_key => ''", "22023"),
            ("gen_random_uuid(), 'n', p_idempotency_key => 'k', p_idempotency_ttl_us => -5", "22023"),
            ("gen_random_uuid(), 'n', p_idempotency_key => 'k', p_idempotency_ttl_us => 9223372036854775807", "22023"),
            ("gen_random_uuid(), 'n', p_options => '5'", "22023"),
            ("gen_random_uuid(), 'n', p_metadata => '{\"a\": [1, {\"b\": 1e999}]}'", "22023"),
            ("gen_random_uuid(), 'n', p_metadata => '{\"a\": -1e309}'", "22023"),
            ("gen_random_uuid(), 'n', p_metadata => '{\"a\": \"\\ud800\"}'", "22P02"),
            ("gen_random_uuid(), 'n', p_metadata => '{\"a\": \"\\u0000\"}'", "22P05"),
            ("gen_random_uuid(), 'n', p_metadata => '{\"a\":' || repeat('[', 32) || repeat(']', 32) || '}'", "22023"),
        ]
    )
    func refusedByTheServer(_ arguments: String, _ state: String) async throws {
        try await Workplace.with { place in
            #expect(throws: PlainConnection.Failure(state: state)) {
                try place.mine.run("SELECT * FROM \"\(place.schema)\".enqueue_and_notify(\(arguments))")
            }
            let rows = try place.rows()
            #expect(rows == ["0", "0", "0", "0"])
        }
    }

    @Test(
        "a schema whose name cannot be one is refused",
        arguments: ["", "a\u{0}b", String(repeating: "x", count: 49), "o'brien", "x{now}", "a$function$"]
    )
    func schemaName(_ name: String) {
        #expect(throws: TaskError.self) { try PostgresTransactionalEnqueue(schema: name) }
    }
}

/// The GRANT lines of the documentation's section on enqueueing.
private func documentedGrants() throws -> [String] {
    var folder = URL(filePath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let page = try String(contentsOf: folder.appending(path: "Docs/postgres.md"), encoding: .utf8)
    return page.split(separator: "\n").filter { $0.hasPrefix("GRANT ") && $0.contains("app_role") }.map(String.init)
}

/// Runs what blocks on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}
