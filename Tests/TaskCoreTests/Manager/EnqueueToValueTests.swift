import Foundation
import TaskCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct EnqueueToValueTests {
    @Test func aTaskGoesFromEnqueueToATypedResult() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Greet()
        } body: {
            let value = try await tasks.enqueue(Greet.self, "world").value
            #expect(value == "Hello, world!")
        }
    }

    @Test func manyTasksAtOnceAreAllDone() async throws {
        let tasks = try await makeManager()
        try await tasks.working(concurrency: 16) {
            Greet()
        } body: {
            let handles = try await tasks.enqueue(Greet.self, all: (0..<500).map(String.init))
            for (number, handle) in handles.enumerated() { #expect(try await handle.value == "Hello, \(number)!") }
            #expect(try await tasks.statistics().counts == [.done: 500])
        }
    }

    @Test func aFailureIsRetriedAndItsHistoryKept() async throws {
        let tasks = try await makeManager()
        struct Flaky: Error {}
        try await tasks.working {
            Run { context in
                if context.number < 3 { throw Flaky() }
                return "third time"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            #expect(try await handle.value == "third time")
            let attempts = try await tasks.attempts(of: handle.id)
            #expect(attempts.map(\.outcome) == [.failed, .failed, .done])
            #expect(attempts.map(\.number) == [1, 2, 3])
            #expect(attempts[0].failure?.message.contains("Flaky") == true)
            #expect(try await handle.record.error == nil)
        }
    }

    @Test func attemptsAreBoundedAndTheErrorReachesWhoeverWaits() async throws {
        let tasks = try await makeManager()
        struct Broken: Error {}
        try await tasks.working {
            Run { _ in throw Broken() }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            let error = await #expect(throws: TaskError.self) { try await handle.value }
            #expect(error?.code == .taskFailed)
            #expect(error?.failure?.message.contains("Broken") == true)
            #expect(try await tasks.attempts(of: handle.id).count == 3)
        }
    }

    @Test func aPermanentFailureIsNeverRetried() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Run { _ in throw PermanentFailure("the file is truncated", code: "corrupt") }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            let record = try await tasks.wait(for: handle.id, toBe: .failed)
            #expect(record.error == TaskFailure(code: "corrupt", message: "the file is truncated", isRetryable: false))
            #expect(record.attempts == 1)
        }
    }

    @Test func aSnoozedTaskIsRunAgainWithoutUsingUpAnAttempt() async throws {
        let tasks = try await makeManager()
        let runs = Counter()
        try await tasks.working {
            Run { context in
                if runs.next() < 5 { throw Snooze(.zero) }
                return "attempt \(context.number)"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            #expect(try await handle.value == "attempt 1")
            #expect(
                try await tasks.attempts(of: handle.id).map(\.outcome) == [
                    .snoozed, .snoozed, .snoozed, .snoozed, .done,
                ]
            )
        }
    }

    @Test func anUnknownNameAndAnInputThatDoesNotFitAreAttemptsAndTheQueueGoesOn() async throws {
        let tasks = try await makeManager()
        try await tasks.working(concurrency: 1) {
            Greet()
        } body: {
            let stored = try await tasks.enqueue([
                NewTask(name: "nobody-knows", maxAttempts: 1),
                NewTask(name: "greet", input: try JSONText(encoding: ["not": "a string"]), maxAttempts: 1),
            ])
            #expect(try await tasks.enqueue(Greet.self, "next").value == "Hello, next!")
            let unknown = try await tasks.wait(for: stored[0].id, toBe: .failed)
            #expect(unknown.error?.code == "unknown_task_name")
            #expect(unknown.error?.message.contains("'nobody-knows'") == true)
            let misfit = try await tasks.wait(for: stored[1].id, toBe: .failed)
            #expect(misfit.error?.code == "undecodable_input")
            #expect(try await tasks.attempts(of: misfit.id).count == 1)
        }
    }

    @Test func aResultThatIsTooLargeFailsTheTaskInsteadOfBlockingTheQueue() async throws {
        let tasks = try await makeManager()
        try await tasks.working(concurrency: 1) {
            Run { _ in String(repeating: "x", count: 2_000_000) }
            Greet()
        } body: {
            let large = try await tasks.enqueue(Run.self)
            #expect(try await tasks.enqueue(Greet.self, "next").value == "Hello, next!")
            #expect(try await tasks.wait(for: large.id, toBe: .failed).error?.code == "result_too_large")
        }
    }

    @Test func followUpsStartWhenTheirTaskIsDoneAndKnowTheirParent() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Run { context in
                try context.enqueueWhenDone(NewTask(Greet.self, "dynamic"))
                return "first"
            }
            Greet()
        } body: {
            let options = EnqueueOptions(owner: "ada", followUps: [try NewTask(Greet.self, "static")])
            let first = try await tasks.enqueue(Run.self, options: options)
            _ = try await first.value
            let followers = try await tasks.list(TaskFilter(parent: first.id)).records
            #expect(followers.count == 2)
            for follower in followers { _ = try await tasks.wait(for: follower.id, toBe: .done) }
            #expect(followers.allSatisfy { $0.owner == "ada" })
        }
    }

    @Test func theSameKeyIsTheSameTaskAndAnotherInputIsAConflict() async throws {
        let tasks = try await makeManager()
        let options = EnqueueOptions(idempotency: IdempotencyKey("order-7"))
        let first = try await tasks.enqueue(Greet.self, "ada", options: options)
        #expect(try await tasks.enqueue(Greet.self, "ada", options: options).id == first.id)
        let error = await #expect(throws: TaskError.self) {
            try await tasks.enqueue(Greet.self, "bob", options: options)
        }
        #expect(error?.code == .idempotencyConflict)
        #expect(error?.taskID == first.id)
    }

    @Test func aDelayedTaskWaitsForItsTime() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Greet()
        } body: {
            let handle = try await tasks.enqueue(Greet.self, "later", options: EnqueueOptions(runAt: .now + 0.2))
            let record = try await tasks.wait(for: handle.id, toBe: .done)
            #expect(try #require(record.startedAt) >= record.runAt)
        }
    }
}
