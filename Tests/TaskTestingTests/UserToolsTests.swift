import TaskCore
import TaskTesting
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

private struct Greet: TaskDefinition {
    static let name = "greet"
    static let defaults = TaskDefaults(queue: "greetings")

    func run(_ input: String, context: TaskContext) async throws -> String {
        context.report(1, of: 2, message: "greeting")
        try context.setMetadata(["greeted": .string(input)])
        try context.enqueueWhenDone(NewTask(Note.self, input))
        return "Hello, \(input)!"
    }
}

private struct Note: TaskDefinition {
    static let name = "note"
    func run(_ input: String, context: TaskContext) async throws -> NoValue { NoValue() }
}

/// Fails until its third attempt, an hour apart.
private struct Stubborn: TaskDefinition {
    static let name = "stubborn"
    static let defaults = TaskDefaults(retry: .fixed(.seconds(3600), jitter: .none))

    func run(_ input: NoValue, context: TaskContext) async throws -> Int {
        guard context.number == 3 else { throw PermanentlyLate() }
        return context.number
    }
    struct PermanentlyLate: Error {}
}

private struct Patient: TaskDefinition {
    static let name = "patient"
    func run(_ input: Int, context: TaskContext) async throws -> Int {
        let waited = context.metadata("waited", default: 0)
        guard waited < input else { return waited }
        try context.setMetadata(["waited": .int(Int64(waited + 1))])
        throw Snooze(.seconds(600))
    }
}

private struct Hopeless: TaskDefinition {
    static let name = "hopeless"
    func run(_ input: NoValue, context: TaskContext) async throws -> NoValue { throw PermanentFailure("No way.") }
}

/// Enqueues itself again, for ever.
private struct Endless: TaskDefinition {
    static let name = "endless"
    func run(_ input: NoValue, context: TaskContext) async throws -> NoValue {
        try context.enqueueWhenDone(NewTask(Endless.self, NoValue()))
        return NoValue()
    }
}

@Suite("perform")
struct PerformTests {
    @Test("runs a handler and returns its output, record, attempt and follow-ups", .timeLimit(.minutes(1)))
    func success() async throws {
        let task = try await perform(Greet(), "Ada", options: EnqueueOptions(owner: "bob"))
        #expect(try task.output == "Hello, Ada!")
        #expect(task.record.status == .done)
        #expect(task.record.queue == "greetings")
        #expect(task.record.metadata == ["greeted": "Ada"])
        #expect(task.record.progress == TaskProgress(processed: 1, total: 2, message: "greeting"))
        #expect(task.attempt.outcome == .done)
        #expect(task.followUps.map(\.name) == ["note"])
        #expect(task.followUps.map(\.owner) == ["bob"])
    }

    @Test("runs one attempt only, and keeps its failure", .timeLimit(.minutes(1)))
    func failure() async throws {
        let clock = ManualClock()
        let task = try await perform(Stubborn(), clock: clock)
        #expect(task.record.status == .queued)
        #expect(task.record.runAt == clock.now().addingTimeInterval(3600))
        #expect(task.attempt.outcome == .failed)
        #expect(task.attempt.failure?.code == TaskFailure.handlerErrorCode)
        #expect(throws: TaskError.self) { try task.output }
    }

    @Test("runs one attempt also when the next would be due at once", .timeLimit(.minutes(1)))
    func onlyOnce() async throws {
        let task = try await perform(Patient(), 5)
        #expect(task.attempt.outcome == .snoozed)
        #expect(task.record.fence == 1)
        #expect(task.record.metadata == ["waited": 1])
    }

    @Test("shows a permanent failure", .timeLimit(.minutes(1)))
    func permanentFailure() async throws {
        let task = try await perform(Hopeless())
        #expect(task.record.status == .failed)
        #expect(task.record.error?.message == "No way.")
    }

    @Test("does not wait for a later runAt", .timeLimit(.minutes(1)))
    func delayed() async throws {
        let clock = ManualClock()
        let runAt = clock.now().addingTimeInterval(86_400)
        let task = try await perform(Greet(), "Ada", options: EnqueueOptions(runAt: runAt), clock: clock)
        #expect(task.record.startedAt == runAt)
    }
}

@Suite("drain")
struct DrainTests {
    let clock = ManualClock()
    let manager: TaskManager
    let start: Date

    init() async throws {
        manager = try await TaskManager(store: MemoryTaskStore(clock: clock))
        start = clock.now()
    }

    @Test("runs retries, snoozes, delays and follow-ups, moving the clock", .timeLimit(.minutes(1)))
    func runsEverything() async throws {
        let stubborn = try await manager.enqueue(Stubborn.self)
        let patient = try await manager.enqueue(Patient.self, 3)
        let later = EnqueueOptions(runAt: start.addingTimeInterval(5 * 3600))
        let greeting = try await manager.enqueue(Greet.self, "Ada", options: later)
        let report = try await manager.drain(clock: clock) {
            Stubborn()
            Patient()
            Greet()
            Note()
        }
        #expect(report.attempts == 3 + 4 + 1 + 1)
        #expect(report.remaining.isEmpty)
        #expect(try await stubborn.value == 3)
        #expect(try await patient.value == 3)
        #expect(try await greeting.value == "Hello, Ada!")
        #expect(try await stubborn.record.finishedAt == start.addingTimeInterval(2 * 3600))
        #expect(try await patient.record.finishedAt == start.addingTimeInterval(3 * 600))
        #expect(clock.now() == start.addingTimeInterval(5 * 3600))
    }

    @Test("leaves what is due after its end", .timeLimit(.minutes(1)))
    func endsInTime() async throws {
        let stubborn = try await manager.enqueue(Stubborn.self)
        let report = try await manager.drain(until: start.addingTimeInterval(4000), clock: clock) { Stubborn() }
        #expect(report.attempts == 2)
        #expect(report.remaining.map(\.id) == [stubborn.id])
        #expect(clock.now() == start.addingTimeInterval(3600))
    }

    @Test("ends with an error when tasks go on for ever", .timeLimit(.minutes(1)))
    func isBounded() async throws {
        try await manager.enqueue(Endless.self)
        await #expect(throws: DrainFailure.self) {
            try await manager.drain(clock: clock, maxAttempts: 25) { Endless() }
        }
    }

    @Test("leaves paused queues alone", .timeLimit(.minutes(1)))
    func pausedQueues() async throws {
        let task = try await manager.enqueue(Patient.self, 0)
        try await manager.store.setPaused(true, queue: "default")
        let report = try await manager.drain(clock: clock) { Patient() }
        #expect(report.attempts == 0)
        #expect(report.remaining.map(\.id) == [task.id])
    }

    @Test("says so when the store runs by another clock", .timeLimit(.minutes(1)))
    func anotherClock() async throws {
        let options = EnqueueOptions(runAt: start.addingTimeInterval(60))
        try await manager.enqueue(Patient.self, 0, options: options)
        await #expect(throws: DrainFailure.self) {
            try await manager.drain(clock: ManualClock(start)) { Patient() }
        }
    }

    @Test("rescues tasks of workers that are dead by the clock", .timeLimit(.minutes(1)))
    func rescues() async throws {
        let task = try await manager.enqueue(Patient.self, 0)
        let dead = WorkerID(rawValue: "dead")
        _ = try await manager.store.claim(ClaimRequest(worker: dead, queues: [.init("default", limit: 1)]))
        clock.advance(by: .seconds(60))
        try await manager.drain(clock: clock) { Patient() }
        #expect(try await manager.attempts(of: task.id).map(\.outcome) == [.workerLost, .done])
    }
}

@Suite("expectEnqueued")
struct ExpectEnqueuedTests {
    @Test("finds tasks by type, input and count, whatever became of them")
    func finds() async throws {
        let manager = try await TaskManager(store: MemoryTaskStore(clock: ManualClock()))
        let handles = try await manager.enqueue(Greet.self, all: ["Ada", "Bob"])
        try await handles[0].cancel()
        #expect(try await manager.expectEnqueued(Greet.self, count: 2).map(\.id) == handles.map(\.id))
        #expect(try await manager.expectEnqueued(Greet.self) { $0 == "Ada" }.map(\.id) == [handles[0].id])
        try await manager.expectEnqueued(Note.self, count: 0)
        try await manager.expectEnqueued(named: "greet", count: 1) { $0.status == .queued }
    }

    @Test("records an issue that shows what was enqueued instead")
    func records() async throws {
        let manager = try await TaskManager(store: MemoryTaskStore(clock: ManualClock()))
        try await manager.enqueue(Greet.self, "Ada")
        try await withKnownIssue {
            try await manager.expectEnqueued(Greet.self) { $0 == "Eve" }
        } matching: { issue in
            let text = issue.comments.map(\.rawValue).joined()
            return text.contains("at least one enqueued 'greet'") && text.contains("greet \"Ada\" in greetings")
        }
        await withKnownIssue { try await manager.expectEnqueued(Greet.self, count: 2) }
        await withKnownIssue { try await manager.expectEnqueued(Note.self) }
    }
}
