import TaskCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct UpdatesTests {
    @Test func theFirstUpdateIsASnapshotVersionsOnlyGrowAndTheLastIsTheEnd() async throws {
        let tasks = try await makeManager()
        let started = Gate()
        try await tasks.working {
            Run { context in
                await started.wait()
                for step in 1...20 {
                    context.report(Double(step), of: 20)
                    await Task.yield()
                }
                return "ok"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            var seen: [TaskUpdate] = []
            for try await update in handle.updates {
                if seen.isEmpty { started.open() }
                seen.append(update)
            }
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.version < $1.version })
            #expect(seen.last?.record.status == .done)
            #expect(seen.last?.record.progress.fraction == 1)
            #expect(seen.first?.record.isFinished == false)
        }
    }

    @Test func aSubscriberOfAFinishedTaskGetsItsEnd() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "x")
        try await handle.cancel()
        var statuses: [TaskStatus] = []
        for try await update in handle.updates { statuses.append(update.record.status) }
        #expect(statuses == [.cancelled])
    }

    @Test func anUnknownTaskEndsWithNotFound() async throws {
        let tasks = try await makeManager()
        let error = await #expect(throws: TaskError.self) {
            try await tasks.handle(TaskID(), output: String.self).value
        }
        #expect(error?.code == .notFound)
    }

    @Test func aFilterFollowsWhatItSelectsAndNothingElse() async throws {
        let tasks = try await makeManager()
        try await tasks.enqueue(Greet.self, "before", options: EnqueueOptions(owner: "ada"))
        try await tasks.enqueue(Greet.self, "of bob", options: EnqueueOptions(owner: "bob"))
        var iterator = tasks.updates(TaskFilter(owner: "ada")).makeAsyncIterator()
        #expect(try await iterator.next()?.record.input.text == "\"before\"")
        try await tasks.enqueue(Greet.self, "also of bob", options: EnqueueOptions(owner: "bob"))
        try await tasks.enqueue(Greet.self, "after", options: EnqueueOptions(owner: "ada"))
        #expect(try await iterator.next()?.record.input.text == "\"after\"")
    }

    @Test func aSubscriberThatNeverReadsSlowsNobodyAndKeepsABoundedNumber() async throws {
        let tasks = try await makeManager()
        var sleeper = tasks.updates().makeAsyncIterator()
        let first = try await tasks.enqueue(Greet.self, "first")
        _ = try await sleeper.next()
        try await tasks.working(concurrency: 64) {
            Greet()
        } body: {
            let handles = try await tasks.enqueue(Greet.self, all: (0..<3000).map(String.init))
            for handle in [first] + handles { _ = try await handle.value }
        }
        // What waits is bounded: the oldest were dropped, and the first update read says so.
        var waiting = 0
        var gaps = 0
        for _ in 0..<TaskUpdates.capacity {
            guard let update = try await sleeper.next() else { break }
            waiting += 1
            if update.isAfterGap { gaps += 1 }
        }
        #expect(waiting == TaskUpdates.capacity)
        #expect(gaps == 1)
    }

    @Test func waitingIsCancellable() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "never run")
        let waiting = Task { try await handle.value }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func closingTheStoreEndsWhoeverWaits() async throws {
        let tasks = try await makeManager()
        let handle = try await tasks.enqueue(Greet.self, "never run")
        var iterator = handle.updates.makeAsyncIterator()
        _ = try await iterator.next()
        await tasks.close()
        await #expect(throws: TaskError.self) { try await iterator.next() }
    }
}
