import Foundation
import TaskCore
import TaskStoreSQLite
import TaskTesting
import TestSupport
import Testing

/// A process is killed in the middle of its writes, again and again on the same file.
@Suite(.timeLimit(.minutes(3))) struct CrashTests {
    /// What killed processes said they had been told.
    private struct Acknowledged {
        var enqueued: [TaskID] = []
        var claimed: Set<TaskID> = []
        var done: Set<TaskID> = []

        mutating func note(_ line: String) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let id = TaskID(String(parts[1])) else { return }
            switch parts[0] {
            case "enqueued": enqueued.append(id)
            case "claimed": claimed.insert(id)
            case "done": done.insert(id)
            default: break
            }
        }
    }

    @Test func whatWasAcknowledgedSurvivesKillingTheProcess() async throws {
        let scratch = try Scratch()
        let rounds = 20
        var random = SystemRandomNumberGenerator()
        var known = Acknowledged()
        var rescued = 0
        for round in 1...rounds {
            let lines = Int.random(in: 1...300, using: &random)
            let process = try TestProcess.sqlite("write", scratch.path, "\(round)", killedAfter: lines)
            // What it had said before it died is read to the end.
            for await line in process.lines { known.note(line) }
            #expect(await process.status() == SIGKILL)

            let foreign = try Foreign(scratch.path)
            #expect(try foreign.texts("PRAGMA integrity_check") == ["ok"])
            // Late enough for every lease of the killed process to be over.
            let clock = ManualClock(Date(timeIntervalSinceNow: 3600))
            let store = try await scratch.store(.init(clock: clock))
            try await check(known, in: store)
            rescued += try await rescueAll(in: store)
            #expect(try foreign.number("SELECT count(*) FROM task_state WHERE stage = 2") == 0)
            for id in known.claimed.subtracting(known.done) {
                let outcomes = try await store.attempts(of: id).map(\.outcome)
                #expect(outcomes.allSatisfy { $0 == .workerLost || $0 == .done } && !outcomes.isEmpty, "\(outcomes)")
            }
            await store.close()
        }
        #expect(!known.done.isEmpty && rescued > 0, "the processes were killed while they had work")
    }

    private func check(_ known: Acknowledged, in store: SQLiteTaskStore) async throws {
        for (id, record) in zip(known.enqueued, try await store.tasks(known.enqueued)) {
            if record == nil { Issue.record("the acknowledged task \(id) is gone") }
            if known.done.contains(id), record?.status != .done { Issue.record("the done task \(id) is not done") }
            if known.claimed.contains(id), record?.fence == 0 {
                Issue.record("the claimed task \(id) was never claimed")
            }
        }
    }

    private func rescueAll(in store: SQLiteTaskStore) async throws -> Int {
        var rescued = 0
        while true {
            let report = try await store.rescue(limit: 100)
            let count = report.requeued + report.failed + report.cancelled
            if count == 0 { return rescued }
            rescued += count
        }
    }
}
