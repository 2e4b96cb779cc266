#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let pruneChecks: [StoreCheck] = [
        StoreCheck("prune", "finished tasks go by the age of their status, counted from finishedAt") { store in
            var records: [TaskRecord] = []
            for status in [TaskStatus.done, .failed, .cancelled] { records.append(try await store.make(status)) }
            let policy = PrunePolicy(maxAge: [.done: .seconds(10), .failed: .seconds(30), .cancelled: .seconds(50)])
            var pruned: [[TaskStatus: Int]] = []
            for _ in 0..<4 {
                pruned.append(try await store.store.prune(policy, limit: 100).filter { $0.value > 0 })
                store.advance(.seconds(20))
            }
            try store.expect(pruned, equals: [[:], [.done: 1], [.failed: 1], [.cancelled: 1]], "after 0, 20, 40, 60 s")
            try store.expect(
                try await store.store.tasks(records.map(\.id)),
                equals: [nil, nil, nil],
                "the records"
            )
        },
        StoreCheck("prune", "statuses that the policy does not name are kept for ever") { store in
            let failed = try await store.make(.failed)
            _ = try await store.make(.done)
            store.advance(.seconds(1000 * 86_400))
            let counts = try await store.store.prune(PrunePolicy(maxAge: [.done: .seconds(1)]), limit: 100)
            try store.expect(counts.filter { $0.value > 0 }, equals: [.done: 1], "the answer")
            try store.expect(try await store.record(failed.id), equals: failed, "the failed task")
        },
        StoreCheck("prune", "an active task is never pruned, even if the policy names its status") { store in
            let queued = try await store.add()
            let running = try await store.start(NewTask(name: "t", queue: "q"))
            store.advance(.seconds(1000 * 86_400))
            let policy = PrunePolicy(maxAge: [.queued: .zero, .running: .zero, .done: .zero])
            let counts = try await store.store.prune(policy, limit: 100)
            try store.expect(counts.filter { $0.value > 0 }, equals: [:], "the answer")
            try store.expect(try await store.record(queued.id), equals: queued, "the queued task")
            try store.expect(try await store.record(running.record.id), equals: running.record, "the running task")
        },
        StoreCheck("prune", "a task that somebody retried is not old any more") { store in
            let failed = try await store.make(.failed)
            store.advance(.seconds(3600))
            _ = try await store.retry(failed.id)
            let claimed = try await store.claimAgain(failed.id)
            try await store.end(claimed, .failed(.boom, retryAfter: nil), as: .failed)
            let counts = try await store.store.prune(.finished(olderThan: .seconds(60)), limit: 10)
            try store.expect(counts.filter { $0.value > 0 }, equals: [:], "the answer")
        },
        StoreCheck("prune", "at most its limit, the oldest first, until nothing is left") { store in
            var ids: [TaskID] = []
            for _ in 0..<7 {
                ids.append(try await store.make(.done).id)
                store.advance(.seconds(1))
            }
            store.advance(.seconds(60))
            let first = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 3)
            try store.expect(first.filter { $0.value > 0 }, equals: [.done: 3], "the first answer")
            let left = try await store.store.tasks(ids).compactMap { $0?.id }
            try store.expect(left, equals: Array(ids.dropFirst(3)), "what is left")
            var total = 0
            for _ in 0..<5 {
                let counts = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 3)
                total += counts.values.reduce(0, +)
            }
            try store.expect(total, equals: 4, "pruned afterwards")
        },
        StoreCheck("prune", "history and keys go with the task") { store in
            let task = NewTask(name: "t", idempotency: IdempotencyKey("k", timeToLive: nil), uniqueKey: "u")
            let first = try await store.start(task)
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            let second = try await store.claimAgain(task.id)
            try await store.end(second, .done(result: .null, followUps: []), as: .done)
            store.advance(.seconds(60))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 10)
            try store.expect(try await store.store.attempts(of: task.id), equals: [], "attempts")
            try store.expect(try await store.store.list(TaskQuery()), equals: TaskPage(records: []), "the list")
            var again = task
            again.id = TaskID()
            again.input = JSONText(trusted: #"{"other":"input"}"#)
            let answers = try await store.enqueue(again)
            try store.expect(answers.first?.insertedID, equals: again.id, "the key's next task")
        },
        StoreCheck("prune", "a pruned id may be used again, and starts a life of its own") { store in
            let done = try await store.make(.done)
            store.advance(.seconds(60))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 10)
            let claimed = try await store.start(NewTask(id: done.id, name: "again"))
            try store.expect(claimed.checkpoint, equals: nil, "checkpoint")
            try store.expect(claimed.record.attempts, equals: 1, "attempts")
            try store.expect(try await store.store.attempts(of: done.id).count, equals: 1, "attempts in the history")
        },
        StoreCheck("prune", "a key that passed to a younger task stays with it") { store in
            let task = NewTask(name: "t", idempotency: IdempotencyKey("k", timeToLive: .seconds(10)))
            _ = try await store.make(.done, task)
            store.advance(.seconds(11))
            var again = task
            again.id = TaskID()
            again.idempotency = IdempotencyKey("k", timeToLive: nil)
            try await store.add(again)
            store.advance(.seconds(60))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 10)
            var third = again
            third.id = TaskID()
            try store.expect(try await store.enqueue(third).first?.existingID, equals: again.id, "the answer")
        },
        StoreCheck("prune", "children of a pruned task stay, and still name it") { store in
            let claimed = try await store.start()
            let child = NewTask(name: "child")
            try await store.end(claimed, .done(result: .null, followUps: [child]), as: .done)
            store.advance(.seconds(60))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 10)
            try store.expect(try await store.record(child.id).parent, equals: claimed.record.id, "parent")
        },
    ]
}
