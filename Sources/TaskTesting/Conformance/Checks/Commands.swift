#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let cancelChecks: [StoreCheck] = [
        StoreCheck("cancel", "a queued task is cancelled at once and never claimed") { store in
            let queued = try await store.add()
            store.advance(.seconds(1))
            let outcome = try await store.cancel(queued.id)
            let record = try await store.record(queued.id)
            try store.expect(outcome, equals: .accepted(.cancelled, version: record.version), "the answer")
            var expected = queued
            expected.status = .cancelled
            expected.finishedAt = store.now
            expected.updatedAt = store.now
            expected.version = queued.version + 1
            try store.expect(record, equals: expected, "the record")
            try store.expect(try await store.claim().count, equals: 0, "claimed afterwards")
            try store.expect(try await store.store.attempts(of: queued.id), equals: [], "attempts")
        },
        StoreCheck("cancel", "a delayed task is cancelled at once") { store in
            let task = try await store.add(NewTask(name: "t", runAt: store.now.addingTimeInterval(60)))
            try store.expect(try await store.cancel(task.id).acceptedStatus, equals: .cancelled, "the answer")
            store.advance(.seconds(61))
            try store.expect(try await store.claim().count, equals: 0, "claimed afterwards")
        },
        StoreCheck("cancel", "a running task is asked to stop and runs on") { store in
            let claimed = try await store.start()
            store.advance(.seconds(1))
            let outcome = try await store.cancel(claimed.record.id)
            let record = try await store.record(claimed.record.id)
            try store.expect(outcome, equals: .accepted(.running, version: record.version), "the answer")
            var expected = claimed.record
            expected.cancelRequestedAt = store.now
            expected.updatedAt = store.now
            expected.version = claimed.record.version + 1
            try store.expect(record, equals: expected, "the record")
        },
        StoreCheck("cancel", "asking a running task again changes nothing") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            let asked = try await store.record(claimed.record.id)
            store.advance(.seconds(1))
            try store.expect(try await store.cancel(asked.id), equals: .unchanged, "the answer")
            try store.expect(try await store.record(asked.id), equals: asked, "the record")
        },
        StoreCheck("cancel", "a finished task refuses and says its status") { store in
            for status in [TaskStatus.done, .failed, .cancelled] {
                let record = try await store.make(status)
                store.advance(.seconds(1))
                try store.expect(try await store.cancel(record.id), equals: .refused(status), "the answer")
                try store.expect(try await store.record(record.id), equals: record, "the \(status) record")
            }
        },
        StoreCheck("cancel", "ids are answered in order, unknown ones too, whatever the limit") { store in
            let queued = try await store.add()
            let done = try await store.make(.done, NewTask(name: "t", queue: "q"))
            let unknown = TaskID()
            let results = try await store.store.cancel(.ids([done.id, unknown, queued.id]), limit: 1)
            try store.expect(results.map(\.id), equals: [done.id, unknown, queued.id], "the ids")
            try store.expect(results.first?.outcome, equals: .refused(.done), "the done task's")
            try store.expect(results.dropFirst().first?.outcome, equals: .notFound, "the unknown task's")
            try store.expect(results.last?.outcome.acceptedStatus, equals: .cancelled, "the queued task's")
        },
        StoreCheck("cancel", "an id named twice is carried out once") { store in
            let queued = try await store.add()
            let results = try await store.store.cancel(.ids([queued.id, queued.id]), limit: 10)
            let accepted = results.compactMap(\.outcome.acceptedStatus)
            try store.expect(results.count, equals: 2, "answers")
            try store.expect(accepted, equals: [.cancelled], "accepted answers")
            try store.expect(try await store.record(queued.id).version, equals: queued.version + 1, "version")
        },
        StoreCheck("cancel", "by filter, only what changed is answered, until nothing is left") { store in
            let wanted = try await store.add(5) { _ in NewTask(name: "t", owner: "ada") }
            let other = try await store.add(NewTask(name: "t", owner: "bob"))
            let running = try await store.start(NewTask(name: "t", queue: "q", owner: "ada"))
            _ = try await store.make(.done, NewTask(name: "t", queue: "q", owner: "ada"))
            var seen: [TaskID] = []
            for _ in 0..<10 {
                let results = try await store.store.cancel(.matching(TaskFilter(owner: "ada")), limit: 4)
                if results.isEmpty { break }
                try store.expect(results.count <= 4, "at most 4", seen: results)
                try store.expect(results.allSatisfy { $0.outcome.acceptedStatus != nil }, "changed", seen: results)
                seen += results.map(\.id)
            }
            let ids = wanted.map(\.id) + [running.record.id]
            try store.expect(seen.sorted(), equals: ids.sorted(), "all that changed")
            try store.expect(try await store.record(other.id), equals: other, "another owner's task")
        },
        StoreCheck("cancel", "no ids and no match answer nothing") { store in
            try await store.add()
            try store.expect(try await store.store.cancel(.ids([]), limit: 10), equals: [], "for no ids")
            let none = try await store.store.cancel(.matching(TaskFilter(owner: "nobody")), limit: 10)
            try store.expect(none, equals: [], "for no match")
        },
    ]

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

    static let queueChecks: [StoreCheck] = [
        StoreCheck("queues", "a queue that no task was ever in can be paused, is listed, and let go again") { store in
            try await store.store.setPaused(true, queue: "future")
            let info = QueueInfo(name: "future", isPaused: true, ready: 0, scheduled: 0, running: 0)
            try store.expect(try await store.store.queues(), equals: [info], "the queues")
            try await store.add(NewTask(name: "t", queue: "future"))
            try store.expect(try await store.claim(from: ["future"]).count, equals: 0, "claimed while paused")
            try await store.store.setPaused(false, queue: "future")
            try store.expect(try await store.claim(from: ["future"]).count, equals: 1, "claimed when let go")
        },
        StoreCheck("queues", "they are counted and listed by name") { store in
            for queue in ["b", "a", "c"] {
                try await store.add(5) {
                    NewTask(name: "t", queue: queue, runAt: $0 < 2 ? store.now.addingTimeInterval(60) : nil)
                }
            }
            _ = try await store.claim(limit: 2, from: ["b"])
            try await store.store.setPaused(true, queue: "c")
            let expected = [
                QueueInfo(name: "a", isPaused: false, ready: 3, scheduled: 2, running: 0),
                QueueInfo(name: "b", isPaused: false, ready: 1, scheduled: 2, running: 2),
                QueueInfo(name: "c", isPaused: true, ready: 3, scheduled: 2, running: 0),
            ]
            try store.expect(try await store.store.queues(), equals: expected, "the queues")
            store.advance(.seconds(60))
            try store.expect(try await store.store.queues().map(\.ready), equals: [5, 3, 5], "ready a minute later")
        },
        StoreCheck("queues", "one with finished tasks only is not listed") { store in
            for status in [TaskStatus.done, .failed, .cancelled] { _ = try await store.make(status) }
            try store.expect(try await store.store.queues(), equals: [], "the queues")
        },
        StoreCheck("queues", "running tasks of a paused queue go on") { store in
            let claimed = try await store.start()
            try await store.store.setPaused(true, queue: "default")
            _ = try await store.beat(.a, TaskReport(lease: claimed.lease, metadata: ["x": 1]))
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
        },
        StoreCheck("queues", "pausing twice and letting go twice are harmless") { store in
            try await store.add()
            for _ in 0..<2 { try await store.store.setPaused(true, queue: "default") }
            try store.expect(try await store.claim().count, equals: 0, "claimed while paused")
            for _ in 0..<2 { try await store.store.setPaused(false, queue: "default") }
            try store.expect(try await store.claim().count, equals: 1, "claimed when let go")
        },
        StoreCheck("queues", "a pause outlives the queue's tasks") { store in
            _ = try await store.make(.done)
            try await store.store.setPaused(true, queue: "default")
            _ = try await store.store.prune(.finished(olderThan: .zero), limit: 10)
            try await store.add()
            try store.expect(try await store.claim().count, equals: 0, "claimed while paused")
        },
        StoreCheck("queues", "workers are listed by name, with their leases and what they run") { store in
            try await store.add(3)
            _ = try await store.claim(by: .b, limit: 2)
            store.advance(.seconds(1))
            _ = try await store.claim(by: .a, limit: 1, lease: .seconds(60))
            let expected = [
                WorkerInfo(id: .a, leaseUntil: store.now.addingTimeInterval(60), running: 1),
                WorkerInfo(id: .b, leaseUntil: store.now.addingTimeInterval(19), running: 2),
            ]
            try store.expect(try await store.store.workers(), equals: expected, "the workers")
        },
    ]

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
