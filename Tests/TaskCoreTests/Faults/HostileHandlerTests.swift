import Foundation
import TaskCore
import TaskTesting
import Testing

/// Handlers and inputs that do what they should not: the task ends with a reason, and the queue goes on.
@Suite(.timeLimit(.minutes(2))) struct HostileHandlerTests {
    @Test func aHandlerThatIgnoresCancellationIsReportedAsStuckAndGivenUp() async throws {
        let (started, stubborn) = (Gate(), Gate())
        let observed = Observed()
        try await observed.run(on: MemoryTaskStore()) { tasks in
            try await tasks.working(configure: {
                $0.stopGrace = .milliseconds(20)
                $0.beatInterval = .milliseconds(20)
            }) {
                Run { _ in
                    started.open()
                    // Ignores cancellation on purpose.
                    await Task { await stubborn.wait() }.value
                    return "too late"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                try await handle.cancel()
                _ = try await tasks.wait(for: handle.id, toBe: .cancelled)
                let line = try #require(observed.lines("is still running").first)
                #expect(line.member("task_id") == "\(handle.id)" && line.member("task_name") == "run")
                #expect(line.member("reason") == "cancelRequested")
                stubborn.open()
            }
            #expect(try await tasks.list().records.map(\.status) == [.cancelled])
        }
        #expect(observed.count("taskcore_stuck_handlers_total") >= 1)
    }

    @Test func aTaskThatLostThreeWorkersIsNeverGivenToAFourth() async throws {
        let clock = ManualClock()
        let store = MemoryTaskStore(clock: clock)
        let tasks = try await makeManager(store)
        let killer = try await tasks.enqueue(Run.self, options: EnqueueOptions(priority: 10, maxAttempts: 100))
        for number in 1...3 {
            // A worker that claims the task and is never heard of again.
            let worker = WorkerID(rawValue: "dead-\(number)")
            let claimed = try await store.claim(ClaimRequest(worker: worker, queues: [.init("default", limit: 1)]))
            #expect(claimed.tasks.map(\.record.id) == [killer.id])
            clock.advance(by: .seconds(60))
            #expect(try await store.rescue(limit: 10).total == 1)
        }
        let runs = Counter()
        try await tasks.working {
            Run { _ in "run \(runs.next())" }
            Greet()
        } body: {
            let value = try await tasks.enqueue(Greet.self, "next").value
            #expect(value == "Hello, next!")
        }
        let record = try await killer.record
        #expect(record.status == .failed && record.error?.code == "worker_lost")
        #expect(record.error?.message.contains("dead-3") == true)
        #expect(runs.value == 0)
        // Somebody who knows better may let it run again.
        try await tasks.retry(killer.id)
        try await tasks.working {
            Run { _ in "run \(runs.next())" }
        } body: {
            let value = try await killer.value
            #expect(value == "run 1")
        }
    }

    @Test func anErrorOfTenMegabytesWithNULIsCutAndKept() async throws {
        struct Huge: Error, CustomStringConvertible {
            var description: String { "begin\u{0} " + String(repeating: "ü\u{0}", count: 4_000_000) }
        }
        let tasks = try await makeManager()
        try await tasks.working(concurrency: 1) {
            Run { _ in throw Huge() }
            Greet()
        } body: {
            let huge = try await tasks.enqueue(Run.self, options: EnqueueOptions(maxAttempts: 2))
            let record = try await tasks.wait(for: huge.id, toBe: .failed)
            let message = try #require(record.error?.message)
            #expect(message.hasPrefix("begin ü") && message.hasSuffix("ü…") && message.utf8.count <= 8 * 1024 + 3)
            #expect(!message.utf8.contains(0))
            #expect(try await tasks.attempts(of: huge.id).map(\.failure?.message) == [message, message])
            #expect(try await tasks.enqueue(Greet.self, "next").value == "Hello, next!")
        }
    }

    @Test func aNamedFailureWithHostileTextsIsCutAndKept() async throws {
        struct Named: TaskFailureConvertible {
            var taskFailure: TaskFailure {
                var failure = TaskFailure(code: "", message: "", isRetryable: false)
                failure.code = "\u{0}" + String(repeating: "c", count: 100_000)
                failure.message = String(repeating: "\u{0}m", count: 100_000)
                return failure
            }
        }
        let tasks = try await makeManager()
        try await tasks.working {
            Run { _ in throw Named() }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            let error = try #require(try await tasks.wait(for: handle.id, toBe: .failed).error)
            #expect(error.code.utf8.count <= 503 && error.message.utf8.count <= 8 * 1024 + 3)
            #expect(!error.code.utf8.contains(0) && !error.message.utf8.contains(0))
        }
    }

    @Test func aResultThatCannotBeKeptFailsTheAttemptWithAReason() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Run { _ in "nul \u{0}" }
        } body: {
            let handle = try await tasks.enqueue(Run.self, options: EnqueueOptions(maxAttempts: 1))
            let record = try await tasks.wait(for: handle.id, toBe: .failed)
            #expect(record.error?.message.contains("U+0000") == true)
        }
    }

    @Test func anInputThatCannotBeKeptIsRefusedBeforeItIsStored() async throws {
        let tasks = try await makeManager()
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: TaskError.self) { try JSONText(validating: deep) }
        #expect(throws: TaskError.self) { try JSONText(validating: "{\"a\":") }
        #expect(throws: TaskError.self) { try NewTask(Greet.self, "nul \u{0}") }
        let large = try NewTask(Greet.self, String(repeating: "x", count: 2 << 20))
        let error = await #expect(throws: TaskError.self) { try await tasks.enqueue([large]) }
        #expect(error?.code == .invalidInput)
        #expect(try await tasks.list().records.isEmpty)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(-1), .seconds(1e15)])
    func aSnoozeOfAnyLengthLeavesTheTaskQueuedAndTheQueueGoingOn(_ delay: Duration) async throws {
        let tasks = try await makeManager()
        let runs = Counter()
        try await tasks.working(concurrency: 1) {
            Run { _ in
                if runs.next() == 1 { throw Snooze(delay) }
                return "again"
            }
            Greet()
        } body: {
            let sleeper = try await tasks.enqueue(Run.self)
            #expect(try await tasks.enqueue(Greet.self, "next").value == "Hello, next!")
            let outcomes = try await tasks.attempts(of: sleeper.id).map(\.outcome)
            #expect(outcomes.first == .snoozed)
        }
    }

    @Test func anOutcomeThatIsRefusedEvenAsAFailureHoldsNoOtherUp() async throws {
        let poison = try NewTask(Run.self, NoValue())
        let refused = Gate()
        let store = HookedStore(MemoryTaskStore()) { [id = poison.id] hooks in
            hooks.finish = { finishes in
                guard finishes.contains(where: { $0.lease.task == id }) else { return }
                refused.open()
                throw TaskError(.invalidInput, "It cannot be kept.")
            }
        }
        let tasks = try await makeManager(store)
        try await tasks.working {
            Run { _ in "poison" }
            Greet()
        } body: {
            _ = try await tasks.enqueue([poison])
            await refused.wait()
            #expect(try await tasks.enqueue(Greet.self, "next").value == "Hello, next!")
        }
    }
}
