import TaskCore
import TaskStoreSQLite
import TaskTesting
import TestSupport
import Testing

/// Real processes with real workers on one file. Their workers poll once an hour: what they find in time, a hint told them.
@Suite(.serialized) struct TwoProcessTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(.timeLimit(.minutes(3))) func twoProcessesRunEveryTaskExactlyOnce() async throws {
        let count = 20_000
        let store = try await scratch.store()
        let first = try TestProcess.sqlite("drain", scratch.path)
        let second = try TestProcess.sqlite("drain", scratch.path)
        let workers = try [#require(await first.line(after: "ready ")), #require(await second.line(after: "ready "))]

        for start in stride(from: 0, to: count, by: 500) {
            let tasks = (start..<start + 500).map { NewTask(name: "square", input: JSONText(trusted: "\($0)")) }
            _ = try await store.enqueue(tasks.map { EnqueueRequest($0) })
        }
        try await store.isDone(count)

        var runs: [Int] = []
        for process in [first, second] {
            process.closeInput()
            runs.append(try #require(await process.line(after: "ran ").flatMap { Int($0) }))
            #expect(await process.status() == 0)
            for await line in process.log where line.contains(" warning ") || line.contains(" error ") {
                Issue.record("a worker had trouble: \(line)")
            }
        }
        #expect(runs.reduce(0, +) == count)
        #expect(runs.allSatisfy { $0 > 0 }, "both had a part: \(runs)")

        var seen: Set<Int> = []
        var cursor: TaskCursor?
        repeat {
            let page = try await store.list(TaskQuery(limit: 1000, cursor: cursor))
            for record in page.records {
                let input = try record.input.decode(Int.self)
                seen.insert(input)
                let isWhole =
                    try record.status == .done && record.attempts == 1 && record.fence == 1 && record.lostAttempts == 0
                    && record.result?.decode(Int.self) == input * input
                    && workers.contains(try #require(record.worker).rawValue)
                if !isWhole { Issue.record("not done exactly once: \(record)") }
            }
            for record in page.records.prefix(20) {
                #expect(try await store.attempts(of: record.id).map(\.outcome) == [.done])
            }
            cursor = page.next
        } while cursor != nil
        #expect(seen == Set(0..<count))
        await store.close()
    }

    @Test(.timeLimit(.minutes(3))) func anIdleWorkerRunsWhatAnotherProcessEnqueues() async throws {
        let store = try await scratch.store()
        let worker = try TestProcess.sqlite("drain", scratch.path)
        _ = try #require(await worker.line(after: "ready "))
        // One after the other, so that the worker is idle again before each.
        for number in 0..<20 {
            _ = try await store.enqueue([EnqueueRequest(NewTask(name: "square", input: JSONText(trusted: "\(number)")))]
            )
            try await store.isDone(number + 1)
        }
        worker.closeInput()
        #expect(await worker.line(after: "ran ") == "20")
        await store.close()
    }

    @Test(.timeLimit(.minutes(3))) func twoProcessesMayMigrateAtOnce() async throws {
        let processes = try (0..<4).map { _ in try TestProcess.sqlite("migrate", scratch.path) }
        for process in processes { _ = try #require(await process.line(after: "ready")) }
        for process in processes { process.closeInput() }
        for process in processes {
            #expect(await process.line(after: "version ") == "\(SQLiteTaskStore.latestSchemaVersion)")
            #expect(await process.status() == 0)
        }
    }
}

extension SQLiteTaskStore {
    /// Returns when that many tasks are done, which it looks at after every change; the test's time limit ends the wait.
    func isDone(_ count: Int) async throws {
        let changes = signals(.changes)
        if try await statistics(StatisticsQuery()).counts[.done] == count { return }
        for await _ in changes {
            if try await statistics(StatisticsQuery()).counts[.done] == count { return }
        }
        throw CancellationError()
    }
}
