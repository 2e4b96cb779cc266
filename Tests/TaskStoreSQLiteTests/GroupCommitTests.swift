import TaskCore
import TaskStoreSQLite
import Testing

/// Calls that wait at the same time share a commit, and nothing else. The log of changes has a row for each commit.
@Suite(.timeLimit(.minutes(3))) struct GroupCommitTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func callsThatWaitTogetherShareOneCommit() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN IMMEDIATE")
        let calls = await waitingCalls(200) { _ in try await store.enqueue(1) }
        try foreign.run("COMMIT")
        for call in calls { _ = try await call.value }
        #expect(try foreign.commits() == 1)
        #expect(try foreign.number("SELECT count(*) FROM task") == 200)
        await store.close()
    }

    @Test func aGroupIsBoundedSoThatNobodyWaitsLongForOthers() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN IMMEDIATE")
        let calls = await waitingCalls(1000) { _ in try await store.enqueue(1) }
        try foreign.run("COMMIT")
        for call in calls { _ = try await call.value }
        #expect(try foreign.commits() == 4)
        await store.close()
    }

    @Test func callsOfAllKindsShareACommit() async throws {
        let store = try await scratch.store()
        let worker = WorkerID(rawValue: "w")
        try await store.enqueue(30)
        let claimed = try await store.claim(10, by: worker)
        let foreign = try Foreign(scratch.path)
        let before = try foreign.commits()
        try foreign.run("BEGIN IMMEDIATE")
        let calls = await waitingCalls(30) { index in
            switch index % 3 {
            case 0: #expect(try await store.complete([claimed[index / 3]]) == [.accepted(.done)])
            case 1: #expect(try await store.claim(1, by: worker).count == 1)
            default: try await store.enqueue(1)
            }
        }
        try foreign.run("COMMIT")
        for call in calls { try await call.value }
        #expect(try foreign.commits() == before + 1)
        let counts = try await store.statistics(StatisticsQuery()).counts
        #expect(counts == [.done: 10, .running: 10, .queued: 20])
        await store.close()
    }

    @Test func aFailingCallKeepsNeitherItsNeighboursNorAPartOfItself() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run(
            """
            CREATE TRIGGER refuse BEFORE INSERT ON task WHEN NEW.name = 'refused'
            BEGIN SELECT RAISE(ABORT, 'refused by a constraint'); END
            """
        )
        try foreign.run("BEGIN IMMEDIATE")
        let calls = await waitingCalls(21) { index in
            let names = index == 10 ? ["before", "refused", "after"] : ["good", "good"]
            return try await store.enqueue(names.map { EnqueueRequest(NewTask(name: $0)) })
        }
        try foreign.run("COMMIT")
        for (index, call) in calls.enumerated() {
            if index == 10 {
                let error = await #expect(throws: TaskError.self) { _ = try await call.value }
                #expect(error?.code == .storeUnavailable)
            } else {
                #expect(try await call.value.count == 2)
            }
        }
        #expect(try foreign.texts("SELECT DISTINCT name FROM task") == ["good"])
        #expect(try foreign.number("SELECT count(*) FROM task") == 40)
        #expect(try foreign.number("SELECT count(*) FROM task_state") == 40)
        await store.close()
    }

    @Test func aCallerCancelledBeforeTheCommitChangesNothing() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN IMMEDIATE")
        let ids = (0..<20).map { _ in TaskID() }
        let calls = await waitingCalls(ids.count) {
            try await store.enqueue([EnqueueRequest(NewTask(id: ids[$0], name: "one of many"))])
        }
        calls[7].cancel()
        await #expect(throws: CancellationError.self) { _ = try await calls[7].value }
        try foreign.run("COMMIT")
        for (index, call) in calls.enumerated() where index != 7 { _ = try await call.value }
        #expect(try await store.tasks(ids).map { $0 == nil } == ids.indices.map { $0 == 7 })
        #expect(try foreign.commits() == 1)
        await store.close()
    }

    @Test func closingAnswersWhatWasAcceptedAndRefusesTheRest() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN IMMEDIATE")
        let calls = await waitingCalls(20) { _ in try await store.enqueue(1) }
        let closing = await waitingCalls(1) { _ in await store.close() }
        let error = await #expect(throws: TaskError.self) { try await store.enqueue(1) }
        #expect(error?.code == .storeUnavailable)
        try foreign.run("COMMIT")
        for call in calls { _ = try await call.value }
        try await closing[0].value
        #expect(try foreign.number("SELECT count(*) FROM task") == 20)
    }
}
