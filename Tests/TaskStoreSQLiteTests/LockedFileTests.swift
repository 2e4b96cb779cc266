import TaskCore
import TaskStoreSQLite
import TaskTesting
import Testing

/// Another program keeps the file locked.
@Suite(.timeLimit(.minutes(3))) struct LockedFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"]) func callsWaitForTheLockAndNothingIsLost(_ begin: String)
        async throws
    {
        let store = try await scratch.store()
        let known = try await store.enqueue(1)
        let foreign = try Foreign(scratch.path)
        try foreign.run(begin)
        let tasks = (0..<100).map { _ in NewTask(name: "waiting") }
        let calls = await waitingCalls(tasks.count) { try await store.enqueue([EnqueueRequest(tasks[$0])]) }

        // Reading goes on meanwhile, and finds none of them.
        #expect(try await store.tasks(known + tasks.map(\.id)).map { $0 != nil } == [true] + tasks.map { _ in false })
        try foreign.run("COMMIT")
        for call in calls { _ = try await call.value }
        #expect(try await store.tasks(tasks.map(\.id)).allSatisfy { $0?.status == .queued })
        await store.close()
    }

    @Test(arguments: ["BEGIN EXCLUSIVE", "BEGIN IMMEDIATE"]) func openingANewFileWaitsForWhoeverIsMakingIt(
        _ begin: String
    )
        async throws
    {
        let foreign = try Foreign(scratch.path)
        try foreign.run(begin)
        let patient = Task { [scratch] in try await scratch.store() }
        // Each of them fails after its timeout; meanwhile the patient one has met the lock too.
        for _ in 0..<5 {
            let error = await #expect(throws: TaskError.self) {
                try await SQLiteTaskStore(path: scratch.path, options: .init(busyTimeout: .milliseconds(50)))
            }
            #expect(error?.code == .storeUnavailable)
            #expect(error?.message.contains("locked") == true)
        }
        try foreign.run("COMMIT")
        let store = try await patient.value
        try await store.enqueue(1)
        await store.close()
    }

    @Test func waitingForALockTakesNoThreadOfSwiftsPool() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN EXCLUSIVE")
        // More calls than the pool has threads, begun on the pool. They would give up after a minute; who waits here does before.
        let calls = (0..<256).map { _ in Task { try await store.enqueue(1) } }
        for _ in 0..<1000 { await Task.detached { await Task.yield() }.value }
        try foreign.run("COMMIT")
        for call in calls { _ = try await call.value }
        #expect(try foreign.number("SELECT count(*) FROM task") == 256)
        await store.close()
    }

    @Test func aCallerThatIsCancelledNeedNotWaitForTheLock() async throws {
        let store = try await scratch.store()
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN EXCLUSIVE")
        let ids = (0..<10).map { _ in TaskID() }
        let calls = await waitingCalls(ids.count) {
            try await store.enqueue([EnqueueRequest(NewTask(id: ids[$0], name: "waiting"))])
        }
        for call in calls.dropFirst() { call.cancel() }
        // The lock is held until each has its answer: were they made to wait for it, they would hear of that instead.
        for call in calls.dropFirst() { await #expect(throws: CancellationError.self) { _ = try await call.value } }
        try foreign.run("COMMIT")
        _ = try await calls[0].value
        #expect(try await store.tasks(ids).map { $0 != nil } == [true] + ids.dropFirst().map { _ in false })
        await store.close()
    }

    @Test func aLockThatStaysIsReportedWithoutThePathAndLeavesNothingBehind() async throws {
        let store = try await scratch.store(.init(busyTimeout: .milliseconds(50)))
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN EXCLUSIVE")
        let error = await #expect(throws: TaskError.self) { try await store.enqueue(3) }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.message.contains("locked") == true)
        #expect(error?.message.contains("/") == false)
        try foreign.run("COMMIT")
        #expect(try foreign.number("SELECT count(*) FROM task") == 0)
        try await store.enqueue(3)
        #expect(try foreign.number("SELECT count(*) FROM task") == 3)
        await store.close()
    }

    @Test func aLockLongerThanALeaseCostsNoLiveWorkerItsTasks() async throws {
        let clock = ManualClock()
        let store = try await scratch.store(.init(clock: clock))
        let (live, dead) = (WorkerID(rawValue: "live"), WorkerID(rawValue: "dead"))
        try await store.enqueue(2)
        let kept = try await store.claim(1, by: live)
        let lost = try await store.claim(1, by: dead)
        let foreign = try Foreign(scratch.path)
        try foreign.run("BEGIN EXCLUSIVE")
        // The sweep waits in front of the beat.
        let sweep = await waitingCalls(1) { _ in try await store.rescue(limit: 10) }
        let beat = await waitingCalls(1) { _ in try await store.beat(WorkerBeat(worker: live, held: kept.map(\.lease)))
        }
        clock.advance(by: .seconds(30))
        try foreign.run("COMMIT")

        #expect(try await sweep[0].value == RescueReport())
        #expect(try await beat[0].value.lost == [])
        #expect(try await store.rescue(limit: 10).requeued == 1)
        #expect(try await store.complete(kept) == [.accepted(.done)])
        #expect(try await store.complete(lost) == [.stale])
        await store.close()
    }
}
