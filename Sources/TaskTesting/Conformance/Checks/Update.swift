#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let updateChecks: [StoreCheck] = [
        StoreCheck("update", "a queued task is edited as the changes say") { store in
            let task = try await store.add(NewTask(name: "t", metadata: ["a": 1, "b": 1]))
            store.advance(.seconds(1))
            let runAt = store.now.addingTimeInterval(30)
            let changes = TaskChanges(
                input: JSONText(trusted: "[2]"),
                priority: -4,
                runAt: runAt,
                maxAttempts: 2,
                metadata: ["b": ["x": nil]]
            )
            let outcome = try await store.update(task.id, changes)
            let record = try await store.record(task.id)
            try store.expect(outcome, equals: .accepted(.queued, version: record.version), "the answer")
            var expected = task
            expected.request.input = JSONText(trusted: "[2]")
            expected.request.priority = -4
            expected.request.maxAttempts = 2
            expected.request.metadata = ["a": 1, "b": ["x": nil]]
            expected.runAt = runAt
            expected.updatedAt = store.now
            expected.version = task.version + 1
            try store.expect(record, equals: expected, "the record")
        },
        StoreCheck("update", "what the changes do not name stays") { store in
            let task = try await store.add(
                NewTask(name: "t", input: JSONText(trusted: "1"), priority: 3, runAt: store.now.addingTimeInterval(9))
            )
            _ = try await store.update(task.id, TaskChanges(metadata: ["x": 1]))
            let record = try await store.record(task.id)
            try store.expect(record.input, equals: task.input, "input")
            try store.expect(record.priority, equals: 3, "priority")
            try store.expect(record.runAt, equals: task.runAt, "runAt")
            try store.expect(record.maxAttempts, equals: task.maxAttempts, "maxAttempts")
        },
        StoreCheck("update", "with an expected version only at that version") { store in
            let task = try await store.add()
            let wrong = try await store.update(task.id, TaskChanges(priority: 1), expectedVersion: task.version + 5)
            try store.expect(wrong, equals: .versionConflict(task.version), "the answer for a wrong version")
            try store.expect(try await store.record(task.id), equals: task, "the record")
            let right = try await store.update(task.id, TaskChanges(priority: 1), expectedVersion: task.version)
            try store.expect(right.acceptedStatus, equals: .queued, "the answer for the right version")
        },
        StoreCheck("update", "a task that is not queued refuses and says its status, whatever version is expected") {
            store in
            for status in [TaskStatus.running, .done, .failed, .cancelled] {
                let record = try await store.make(status, NewTask(name: "t", queue: status.rawValue))
                for version in [nil, record.version, 99] {
                    let changes = TaskChanges(priority: 1, metadata: ["x": 1])
                    let outcome = try await store.update(record.id, changes, expectedVersion: version)
                    try store.expect(outcome, equals: .refused(status), "the answer")
                }
                try store.expect(try await store.record(record.id), equals: record, "the \(status) record")
            }
            try store.expect(try await store.update(TaskID(), .none), equals: .notFound, "an unknown task's answer")
        },
        StoreCheck("update", "a later runAt keeps it from being claimed, an earlier one lets it go") { store in
            let task = try await store.add()
            _ = try await store.update(task.id, TaskChanges(runAt: store.now.addingTimeInterval(60)))
            try store.expect(try await store.claim().count, equals: 0, "claimed when delayed")
            _ = try await store.update(task.id, TaskChanges(runAt: store.now))
            _ = try await store.claimAgain(task.id)
        },
        StoreCheck("update", "of callers with the same expected version, one wins") { store in
            for _ in 0..<20 {
                let task = try await store.add()
                let outcomes = try await race(8) { number in
                    let changes = TaskChanges(priority: number + 1)
                    return try await store.update(task.id, changes, expectedVersion: task.version)
                }
                let accepted = outcomes.compactMap(\.acceptedStatus)
                try store.expect(accepted, equals: [.queued], "accepted answers")
                let winner = outcomes.firstIndex { $0.acceptedStatus != nil } ?? -1
                try store.expect(try await store.record(task.id).priority, equals: winner + 1, "the winner's priority")
            }
        },
    ]
}
