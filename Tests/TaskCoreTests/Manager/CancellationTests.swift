import TaskCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct CancellationTests {
    @Test func aQueuedTaskIsCancelledAtOnce() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "nobody")
        #expect(try await handle.cancel())
        let error = await #expect(throws: TaskError.self) { try await handle.value }
        #expect(error?.code == .taskCancelled)
    }

    @Test func aRunningHandlerIsToldAndTheTaskIsCancelled() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        try await tasks.working {
            Run { context in
                await never.wait()
                try context.checkCancellation()
                return "unreachable"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            _ = try await tasks.wait(for: handle.id, toBe: .running)
            #expect(try await handle.cancel())
            _ = try await tasks.wait(for: handle.id, toBe: .cancelled)
            #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.cancelled])
        }
    }

    @Test func successWinsOverALateCancel() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        try await tasks.working {
            Run { _ in
                await never.wait()
                return "made it"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            _ = try await tasks.wait(for: handle.id, toBe: .running)
            try await handle.cancel()
            #expect(try await handle.value == "made it")
        }
    }

    @Test func aRetryLosesToACancel() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        struct Oops: Error {}
        try await tasks.working {
            Run { _ in
                await never.wait()
                throw Oops()
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            _ = try await tasks.wait(for: handle.id, toBe: .running)
            try await handle.cancel()
            _ = try await tasks.wait(for: handle.id, toBe: .cancelled)
        }
    }

    @Test func cancellingAFinishedTaskChangesNothingAndSaysSo() async throws {
        let tasks = try await makeManager()
        try await tasks.working {
            Greet()
        } body: {
            let handle = try await tasks.enqueue(Greet.self, "done")
            _ = try await handle.value
            #expect(try await handle.cancel() == false)
            #expect(try await handle.record.status == .done)
        }
    }

    @Test func aFilterCancelsInBatchesAndReportsProgress() async throws {
        let tasks = try await makeManager()
        try await tasks.enqueue(
            Greet.self,
            all: Array(repeating: "x", count: 1200),
            options: EnqueueOptions(queue: "bulk")
        )
        try await tasks.enqueue(Greet.self, "other")
        var seen: [Int] = []
        #expect(try await tasks.cancel(matching: TaskFilter(queues: ["bulk"])) { seen.append($0) } == 1200)
        #expect(seen == [500, 1000, 1200])
        #expect(try await tasks.statistics().counts == [.cancelled: 1200, .queued: 1])
    }

    @Test func aCancelledTaskCanBeRetriedWithANewInput() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "nobody")
        try await handle.cancel()
        try await tasks.retry(handle.id, changes: TaskChanges(input: JSONText(encoding: "ada")))
        try await tasks.working {
            Greet()
        } body: {
            let value = try await handle.value
            #expect(value == "Hello, ada!")
        }
        let error = await #expect(throws: TaskError.self) { try await tasks.retry(handle.id) }
        #expect(error?.code == .wrongStatus)
        #expect(error?.message.contains("done") == true)
    }
}
