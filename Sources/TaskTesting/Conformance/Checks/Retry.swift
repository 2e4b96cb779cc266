#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let retryChecks: [StoreCheck] = [
        StoreCheck("retry", "a failed task is ready again, with a new budget and its history") { store in
            let task = try await store.add(NewTask(name: "t", maxAttempts: 2))
            for _ in 1...2 {
                let claimed = try await store.claimAgain(task.id)
                _ = try await store.finish(claimed.lease, .failed(.boom, retryAfter: .zero))
            }
            let failed = try await store.record(task.id)
            store.advance(.seconds(9))
            let outcome = try await store.retry(task.id)
            let record = try await store.record(task.id)
            try store.expect(outcome, equals: .accepted(.queued, version: record.version), "the answer")
            var expected = failed
            expected.status = .queued
            expected.attempts = 0
            expected.runAt = store.now
            expected.updatedAt = store.now
            expected.finishedAt = nil
            expected.version = failed.version + 1
            try store.expect(record, equals: expected, "the record, its error kept")
            try store.expect(try await store.store.attempts(of: task.id).count, equals: 2, "attempts in the history")
        },
        StoreCheck("retry", "the budget of attempts is new") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 2))
            try await store.end(claimed, .failed(.boom, retryAfter: nil), as: .failed)
            _ = try await store.retry(claimed.record.id)
            let first = try await store.claimAgain(claimed.record.id)
            try store.expect(first.record.attempts, equals: 1, "attempts")
            try store.expect(first.record.fence, equals: 2, "fence: it only grows")
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            let second = try await store.claimAgain(claimed.record.id)
            try await store.end(second, .failed(.boom, retryAfter: .zero), as: .failed)
        },
        StoreCheck("retry", "lost workers are forgiven") { store in
            let record = try await store.add(NewTask(name: "t", maxAttempts: 100))
            for _ in 1...3 {
                _ = try await store.claimAgain(record.id)
                store.advance(.seconds(21))
                _ = try await store.store.rescue(limit: 10)
            }
            _ = try await store.retry(record.id)
            try store.expect(try await store.record(record.id).lostAttempts, equals: 0, "lostAttempts")
            _ = try await store.claimAgain(record.id)
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            try store.expect(try await store.record(record.id).status, equals: .queued, "after one more loss")
        },
        StoreCheck("retry", "a cancelled task runs again, and nobody asks it to stop any more") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .cancelled, as: .cancelled)
            try store.expect(try await store.retry(claimed.record.id).acceptedStatus, equals: .queued, "the answer")
            let again = try await store.claimAgain(claimed.record.id)
            try store.expect(again.record.cancelRequestedAt, equals: nil, "cancelRequestedAt")
            try store.expect(try await store.beat(.a).cancelRequested, equals: [], "asked to cancel")
        },
        StoreCheck("retry", "a task cancelled before it ran runs when retried") { store in
            let record = try await store.make(.cancelled)
            _ = try await store.retry(record.id)
            _ = try await store.claimAgain(record.id)
        },
        StoreCheck("retry", "an active or done task refuses and says its status") { store in
            for status in [TaskStatus.queued, .running, .done] {
                let record = try await store.make(status, NewTask(name: "t", queue: status.rawValue))
                store.advance(.milliseconds(1))
                let changes = TaskChanges(input: JSONText(trusted: "9"), metadata: ["x": 1])
                try store.expect(try await store.retry(record.id, changes), equals: .refused(status), "the answer")
                try store.expect(try await store.record(record.id), equals: record, "the \(status) record")
            }
            try store.expect(try await store.retry(TaskID()), equals: .notFound, "an unknown task's answer")
        },
        StoreCheck("retry", "it is edited as the changes say") { store in
            let failed = try await store.make(.failed, NewTask(name: "t", metadata: ["a": 1, "b": 1]))
            let runAt = store.now.addingTimeInterval(60)
            let changes = TaskChanges(
                input: JSONText(trusted: #"{"fixed":true}"#),
                priority: 12,
                runAt: runAt,
                maxAttempts: 7,
                metadata: ["b": 2, "c": 3]
            )
            _ = try await store.retry(failed.id, changes)
            let record = try await store.record(failed.id)
            try store.expect(record.input.text, equals: #"{"fixed":true}"#, "input")
            try store.expect(record.priority, equals: 12, "priority")
            try store.expect(record.runAt, equals: runAt, "runAt")
            try store.expect(record.maxAttempts, equals: 7, "maxAttempts")
            try store.expect(record.metadata, equals: ["a": 1, "b": 2, "c": 3], "metadata")
            try store.expect(try await store.claim().count, equals: 0, "claimed before its time")
            store.advance(.seconds(60))
            let claimed = try await store.claimAgain(failed.id)
            try store.expect(claimed.record.input.text, equals: #"{"fixed":true}"#, "the claimed input")
        },
        StoreCheck("retry", "it is refused while another active task holds the unique key, and names it") { store in
            let failed = try await store.make(.failed, NewTask(name: "t", uniqueKey: "u"))
            let holder = try await store.add(NewTask(name: "t", uniqueKey: "u"))
            try store.expect(try await store.retry(failed.id), equals: .uniqueKeyHeld(by: holder.id), "the answer")
            try store.expect(try await store.record(failed.id), equals: failed, "the record")
        },
        StoreCheck("retry", "it takes its unique key again") { store in
            let failed = try await store.make(.failed, NewTask(name: "t", uniqueKey: "u"))
            _ = try await store.retry(failed.id)
            let answers = try await store.enqueue(NewTask(name: "t", uniqueKey: "u"))
            try store.expect(answers.first?.existingID, equals: failed.id, "the answer")
        },
        StoreCheck("retry", "of two tasks with one unique key, one call retries one") { store in
            let first = try await store.make(.failed, NewTask(name: "t", uniqueKey: "u"))
            let second = try await store.make(.failed, NewTask(name: "t", uniqueKey: "u"))
            let results = try await store.store.retry(.ids([first.id, second.id]), changes: .none, limit: 10)
            try store.expect(results.first?.outcome.acceptedStatus, equals: .queued, "the first's answer")
            try store.expect(results.last?.outcome, equals: .uniqueKeyHeld(by: first.id), "the second's")
        },
        StoreCheck("retry", "by filter, tasks whose key is held are left out and hide no others") { store in
            for _ in 0..<3 { _ = try await store.make(.failed, NewTask(name: "t", uniqueKey: "u")) }
            let other = try await store.make(.failed, NewTask(name: "t"))
            let holder = try await store.add(NewTask(name: "t", uniqueKey: "u"))
            var seen: [TaskID] = []
            for _ in 0..<5 {
                let results = try await store.store.retry(.matching(TaskFilter()), changes: .none, limit: 1)
                if results.isEmpty { break }
                seen += results.map(\.id)
            }
            try store.expect(seen, equals: [other.id], "retried")
            try store.expect(try await store.record(holder.id), equals: holder, "the holder")
        },
        StoreCheck("retry", "by filter, only failed and cancelled tasks are retried, until none is left") { store in
            var wanted: [TaskID] = []
            for number in 0..<6 {
                let task = NewTask(name: "t", owner: "ada")
                wanted.append(try await store.make(number % 2 == 0 ? .failed : .cancelled, task).id)
            }
            let done = try await store.make(.done, NewTask(name: "t", owner: "ada"))
            let others = try await store.make(.failed, NewTask(name: "t", owner: "bob"))
            var seen: [TaskID] = []
            for _ in 0..<10 {
                let filter = TaskFilter(owner: "ada")
                let results = try await store.store.retry(
                    .matching(filter),
                    changes: TaskChanges(priority: 2),
                    limit: 4
                )
                if results.isEmpty { break }
                try store.expect(results.count <= 4, "at most 4", seen: results)
                seen += results.map(\.id)
            }
            try store.expect(seen.sorted(), equals: wanted.sorted(), "retried")
            let priorities = try await store.store.tasks(wanted).map { $0?.priority }
            try store.expect(priorities, equals: Array(repeating: 2, count: 6), "their priorities")
            try store.expect(try await store.record(done.id), equals: done, "the done task")
            try store.expect(try await store.record(others.id), equals: others, "another owner's task")
        },
        StoreCheck("retry", "versions only grow, also over retries") { store in
            let claimed = try await store.start()
            var versions = [claimed.record.version]
            var lease = claimed
            for _ in 0..<3 {
                versions.append(try await store.end(lease, .failed(.boom, retryAfter: nil), as: .failed).version)
                _ = try await store.retry(claimed.record.id)
                versions.append(try await store.record(claimed.record.id).version)
                lease = try await store.claimAgain(claimed.record.id)
                versions.append(lease.record.version)
            }
            let grows = zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 }
            try store.expect(grows, "every version is larger than the one before", seen: versions)
        },
    ]
}
