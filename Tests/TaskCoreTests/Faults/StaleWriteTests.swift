import Foundation
import TaskCore
import TaskTesting
import Testing

/// A worker is thought dead while it lives (stopped by a debugger, cut off, swapped out): its task is done by somebody else.
@Suite(.timeLimit(.minutes(2))) struct StaleWriteTests {
    private let clock = ManualClock()
    private let memory: MemoryTaskStore
    private let started = Gate()
    private let frozen = Gate()
    private let thawed = Gate()
    /// A store whose beats stand still while the worker is frozen.
    private let store: HookedStore
    private let observed = Observed()

    init() {
        memory = MemoryTaskStore(clock: clock)
        store = HookedStore(memory) { [frozen, thawed] in
            $0.beat = { _ in if frozen.isOpen { await thawed.wait() } }
        }
    }

    /// Takes the task from its frozen worker and does it as another one.
    private func overtake(_ id: TaskID) async throws {
        frozen.open()
        // A beat that had passed before renews the lease once more.
        repeat { clock.advance(by: .seconds(60)) } while try await memory.rescue(limit: 10).total == 0
        let other = WorkerID(rawValue: "other")
        let claimed = try await memory.claim(ClaimRequest(worker: other, queues: [.init("default", limit: 1)])).tasks
        let lease = try #require(claimed.first?.lease)
        #expect(lease.task == id)
        let outcome = Finish.Outcome.done(result: try JSONText(encoding: "the other's"), followUps: [])
        #expect(try await memory.finish([Finish(lease: lease, outcome: outcome)]) == [.accepted(.done)])
    }

    private func expectTheOthersResult(_ handle: TaskHandle<String>, _ tasks: TaskManager) async throws {
        let record = try await handle.record
        #expect(record.status == .done && record.result?.text == "\"the other's\"")
        #expect(record.worker == WorkerID(rawValue: "other"))
        #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.workerLost, .done])
    }

    @Test func aLateOutcomeIsRefusedCountedAndLogged() async throws {
        let release = Gate()
        try await observed.run(on: store) { tasks in
            let handle = try await tasks.working(concurrency: 1) {
                Run { [started] _ in
                    started.open()
                    await release.wait()
                    return "too late"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                try await overtake(handle.id)
                release.open()
                return handle
            }
            thawed.open()
            try await expectTheOthersResult(handle, tasks)
            let lines = observed.lines("late outcome refused")
            #expect(lines.map { $0.member("task_id") } == ["\(handle.id)"])
            #expect(lines.allSatisfy { $0.member("level") == "warning" && $0.member("fence") == "1" })
        }
        #expect(observed.count("taskcore_stale_total", ("verb", "finish")) == 1)
        #expect(observed.count("taskcore_finished_total", ("status", "done")) == 0)
    }

    @Test func itsHandlerIsStoppedByTheNextBeatWhichIsCountedAndLogged() async throws {
        let (never, stopped) = (Gate(), Gate())
        try await observed.run(on: store) { tasks in
            let handle = try await tasks.working(concurrency: 1, configure: { $0.beatInterval = .milliseconds(20) }) {
                Run { [started] context in
                    started.open()
                    await never.wait()
                    #expect(context.isCancelled)
                    stopped.open()
                    try context.checkCancellation()
                    return "unreachable"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                try await overtake(handle.id)
                thawed.open()
                await stopped.wait()
                return handle
            }
            try await expectTheOthersResult(handle, tasks)
            #expect(observed.lines("lease lost").map { $0.member("task_id") } == ["\(handle.id)"])
        }
        #expect(observed.count("taskcore_stale_total", ("verb", "beat")) == 1)
    }

    @Test func itsCheckpointIsRefusedAndItsProgressChangesNothing() async throws {
        let release = Gate()
        try await observed.run(on: store) { tasks in
            let handle = try await tasks.working(concurrency: 1) {
                Run { [started] context in
                    started.open()
                    await release.wait()
                    context.report(fraction: 0.25, message: "of the late one")
                    let error = await #expect(throws: TaskError.self) { try await context.saveCheckpoint(1) }
                    #expect(error?.code == .leaseLost)
                    #expect(context.isCancelled)
                    return "too late"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                try await overtake(handle.id)
                thawed.open()
                release.open()
                return handle
            }
            try await expectTheOthersResult(handle, tasks)
            #expect(try await handle.record.progress == .none)
        }
    }
}
