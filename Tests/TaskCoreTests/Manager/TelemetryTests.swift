import InMemoryTracing
import Logging
import TaskCore
import TaskTesting
import Testing
import Tracing

/// Logs, metrics and traces tell what happened to which task.
@Suite(.timeLimit(.minutes(2))) struct TelemetryTests {
    @Test func enqueueingAndEveryRunShareATrace() async throws {
        let tracer = InMemoryTracer(idGenerator: .incrementing)
        struct Oops: Error {}
        try await withTracer(tracer) {
            let tasks = try await makeManager()
            let id = try await withSpan("request") { _ in
                let options = EnqueueOptions(followUps: [try NewTask(Greet.self, "static")])
                return try await tasks.enqueue(Run.self, options: options).id
            }
            // Run by nobody that knows of the request: the task brings its trace along.
            try await tasks.working {
                Run { context in
                    if context.number == 1 { throw Oops() }
                    try context.enqueueWhenDone(NewTask(Greet.self, "dynamic"))
                    return "second"
                }
                Greet()
            } body: {
                _ = try await tasks.handle(id, of: Run.self).value
                for follower in try await tasks.list(TaskFilter(parent: id)).records {
                    _ = try await tasks.wait(for: follower.id, toBe: .done)
                }
            }
        }
        let spans = tracer.finishedSpans
        let request = try #require(spans.first { $0.operationName == "request" })
        let runs = spans.filter { $0.operationName == "task run" }
        #expect(runs.count == 2 && runs.allSatisfy { $0.traceID == request.traceID && $0.kind == .consumer })
        #expect(runs.map(\.errors.count) == [1, 0])
        let followers = spans.filter { $0.operationName == "task greet" }
        #expect(followers.count == 2 && followers.allSatisfy { $0.traceID == request.traceID })
        let enqueue = try #require(spans.first { $0.operationName == "enqueue" })
        #expect(enqueue.parentSpanID == request.spanID && runs[0].parentSpanID == enqueue.spanID)
        #expect(spans.contains { $0.operationName == "taskstore.enqueue" && $0.traceID == request.traceID })
    }

    @Test func tasksEnqueuedOutsideOfATraceHaveATraceOfTheirOwnEach() async throws {
        let tracer = InMemoryTracer(idGenerator: .incrementing)
        try await withTracer(tracer) {
            let tasks = try await makeManager()
            try await tasks.working {
                Greet()
            } body: {
                _ = try await tasks.enqueue(Greet.self, "one").value
                _ = try await tasks.enqueue(Greet.self, "two").value
            }
        }
        let enqueues = tracer.finishedSpans.filter { $0.operationName == "enqueue" }.map(\.traceID)
        let runs = tracer.finishedSpans.filter { $0.operationName == "task greet" }.map(\.traceID)
        #expect(Set(enqueues).count == 2)
        #expect(enqueues.sorted() == runs.sorted())
    }

    @Test func withoutATracerMetadataIsWhatWasAskedFor() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "plain", options: EnqueueOptions(metadata: ["kind": "plain"]))
        #expect(try await handle.record.metadata == ["kind": "plain"])
    }

    @Test func enqueuesClaimsAndOutcomesAreCounted() async throws {
        let observed = Observed()
        let store = FaultyTaskStore(MemoryTaskStore())
        try await observed.run(on: store) { tasks in
            let options = EnqueueOptions(maxAttempts: 1, idempotency: IdempotencyKey("once"))
            try await tasks.working {
                Greet()
                Run { _ in throw PermanentFailure("no") }
            } body: {
                let first = try await tasks.enqueue(Greet.self, "ada", options: options)
                _ = try await first.value
                #expect(try await tasks.enqueue(Greet.self, "ada", options: options).id == first.id)
                await #expect(throws: TaskError.self) {
                    try await tasks.enqueue(Greet.self, "bob", options: options)
                }
                let failing = try await tasks.enqueue(Run.self)
                _ = try await tasks.wait(for: failing.id, toBe: .failed)
                store.script(.statistics, [.refused])
                await #expect(throws: TaskError.self) { try await tasks.statistics() }
            }
        }
        #expect(observed.count("taskcore_enqueued_total", ("result", "inserted")) == 2)
        #expect(observed.count("taskcore_enqueued_total", ("result", "existing")) == 1)
        #expect(observed.count("taskcore_enqueued_total", ("result", "conflict")) == 1)
        #expect(observed.count("taskcore_claimed_total") == 2)
        #expect(observed.count("taskcore_finished_total", ("status", "done")) == 1)
        #expect(observed.count("taskcore_finished_total", ("status", "failed")) == 1)
        #expect(observed.count("taskcore_store_errors_total", ("verb", "statistics")) == 1)
        #expect(observed.durations("taskcore_run_seconds", ("name", "greet")) == 1)
        #expect(observed.durations("taskcore_run_seconds", ("name", "run")) == 1)
        #expect(observed.durations("taskcore_wait_seconds") == 2)
        #expect(observed.durations("taskcore_store_seconds", ("verb", "enqueue")) == 4)
    }

    @Test func whatAHandlerLogsNamesItsTaskAttemptAndWorker() async throws {
        let observed = Observed()
        struct Oops: Error {}
        let id = try await observed.run(on: MemoryTaskStore()) { tasks in
            try await tasks.working {
                Run { context in
                    context.logger.info("from the handler")
                    if context.number == 1 { throw Oops() }
                    return "second"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                _ = try await handle.value
                return handle.id
            }
        }
        let lines = observed.lines("from the handler")
        #expect(lines.map { $0.member("attempt") } == ["1", "2"])
        #expect(lines.allSatisfy { $0.member("task_id") == "\(id)" && $0.member("task_name") == "run" })
        #expect(lines.allSatisfy { $0.member("worker")?.hasPrefix("w-") == true })
        let failures = observed.lines("attempt failed")
        #expect(failures.map { $0.member("attempt") } == ["1"])
        #expect(failures.first?.member("task_id") == "\(id)")
        #expect(failures.first?.member("error")?.isEmpty == false)
    }
}
