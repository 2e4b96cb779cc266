#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let followUpChecks: [StoreCheck] = [
        StoreCheck("follow-ups", "they are enqueued with the finished task as parent and its owner") { store in
            let claimed = try await store.start(NewTask(name: "t", owner: "ada"))
            let followUps = [NewTask(name: "one"), NewTask(name: "two", queue: "other", priority: 3)]
            store.advance(.seconds(2))
            try await store.end(claimed, .done(result: .null, followUps: followUps), as: .done)
            for followUp in followUps {
                var request = followUp
                request.parent = claimed.record.id
                request.owner = "ada"
                let expected = TaskRecord(
                    request: request,
                    status: .queued,
                    runAt: store.now,
                    createdAt: store.now,
                    updatedAt: store.now
                )
                try store.expect(try await store.record(followUp.id), equals: expected, "follow-up \(followUp.name)")
            }
        },
        StoreCheck("follow-ups", "one that names its parent and owner keeps them") { store in
            let claimed = try await store.start(NewTask(name: "t", owner: "ada"))
            let followUp = NewTask(name: "next", owner: "bob", parent: TaskID())
            try await store.end(claimed, .done(result: .null, followUps: [followUp]), as: .done)
            let record = try await store.record(followUp.id)
            try store.expect(record.parent, equals: followUp.parent, "parent")
            try store.expect(record.owner, equals: "bob", "owner")
        },
        StoreCheck("follow-ups", "they can be claimed, in their order, and delayed ones later") { store in
            let claimed = try await store.start()
            let followUps = [
                NewTask(name: "1"), NewTask(name: "2", runAt: store.now.addingTimeInterval(10)), NewTask(name: "3"),
            ]
            try await store.end(claimed, .done(result: .null, followUps: followUps), as: .done)
            try store.expect(try await store.claim().map(\.record.name), equals: ["1", "3"], "claimed at once")
            store.advance(.seconds(10))
            try store.expect(try await store.claim().map(\.record.name), equals: ["2"], "claimed later")
        },
        StoreCheck("follow-ups", "a repeated finish does not enqueue them again") { store in
            let claimed = try await store.start()
            let outcome = Finish.Outcome.done(result: .null, followUps: [.plain, .plain])
            try await store.end(claimed, outcome, as: .done)
            try store.expect(try await store.finish(claimed.lease, outcome), equals: .stale, "the second answer")
            let children = try await store.store.list(TaskQuery(TaskFilter(parent: claimed.record.id)))
            try store.expect(children.records.count, equals: 2, "children")
        },
        StoreCheck("follow-ups", "one in conflict is left out, and the finish and the others stand") { store in
            let first = try await store.add(
                NewTask(name: "pay", owner: "ada", idempotency: IdempotencyKey("k"))
            )
            let claimed = try await store.start(NewTask(name: "t", queue: "q", owner: "ada"))
            let conflicting = NewTask(
                name: "pay",
                input: JSONText(trusted: "2"),
                idempotency: IdempotencyKey("k")
            )
            let other = NewTask.plain
            try await store.end(claimed, .done(result: .null, followUps: [conflicting, other]), as: .done)
            let stored = try await store.store.tasks([first.id, conflicting.id, other.id]).map { $0?.status }
            try store.expect(stored, equals: [.queued, nil, .queued], "first, conflicting and other follow-up")
        },
        StoreCheck("follow-ups", "one that is stored already is left as it is") { store in
            let existing = try await store.add(NewTask(name: "there", queue: "elsewhere"))
            let claimed = try await store.start()
            let again = NewTask(id: existing.id, name: "again")
            try await store.end(claimed, .done(result: .null, followUps: [again]), as: .done)
            try store.expect(try await store.record(existing.id), equals: existing, "the stored task")
        },
        StoreCheck("follow-ups", "idempotency keys count in the owner's scope that they inherit") { store in
            let adas = NewTask(name: "pay", owner: "ada", idempotency: IdempotencyKey("k"))
            try await store.add(adas)
            let claimed = try await store.start(NewTask(name: "t", queue: "q", owner: "ada"))
            let followUp = NewTask(name: "pay", idempotency: IdempotencyKey("k"))
            try await store.end(claimed, .done(result: .null, followUps: [followUp]), as: .done)
            try store.expect(try await store.store.tasks([followUp.id]), equals: [nil], "the follow-up")
        },
        StoreCheck("follow-ups", "unique keys count for them") { store in
            let holder = try await store.add(NewTask(name: "sync", queue: "q", uniqueKey: "u"))
            let claimed = try await store.start()
            let followUp = NewTask(name: "sync", uniqueKey: "u")
            try await store.end(claimed, .done(result: .null, followUps: [followUp]), as: .done)
            try store.expect(try await store.store.tasks([followUp.id]), equals: [nil], "the follow-up")
            try store.expect(try await store.record(holder.id), equals: holder, "the holder")
        },
        StoreCheck("follow-ups", "what a task was asked to be followed by is not enqueued by the store itself") {
            store in
            let next = NewTask.plain
            let claimed = try await store.start(NewTask(name: "t", followUps: [next]))
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
            try store.expect(try await store.store.tasks([next.id]), equals: [nil], "the task asked for")
        },
        StoreCheck("follow-ups", "nobody ever sees the task done without them") { store in
            let queue = "race"
            for _ in 0..<50 {
                let claimed = try await store.start(NewTask(name: "t", queue: queue))
                let followUp = NewTask.plain
                let ids = [claimed.record.id, followUp.id]
                _ = try await race(
                    { try await store.end(claimed, .done(result: .null, followUps: [followUp]), as: .done) },
                    { () async throws -> Void in
                        while !Task.isCancelled {
                            let pair = try await store.store.tasks(ids)
                            let isDone = pair[0]?.status == .done
                            try store.expect(isDone == (pair[1] != nil), "both appear together", seen: pair)
                            if isDone { return }
                            // A store that never suspends must not keep the finisher from its thread.
                            await Task.yield()
                        }
                    }
                )
            }
        },
    ]

    static let cancellationChecks: [StoreCheck] = [
        StoreCheck("asked to stop", "success wins over a late cancel") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            let record = try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
            try store.expect(record.cancelRequestedAt, equals: store.now, "cancelRequestedAt")
        },
        StoreCheck("asked to stop", "a failure that would be retried ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            let record = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(1)), as: .cancelled)
            try store.expect(record.finishedAt, equals: store.now, "finishedAt")
            try store.expect(record.error, equals: .boom, "error")
        },
        StoreCheck("asked to stop", "a timeout that would be retried ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .timedOut(.boom, retryAfter: .seconds(1)), as: .cancelled)
        },
        StoreCheck("asked to stop", "a failure that is never retried ends as failed") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .failed(.boom, retryAfter: nil), as: .failed)
        },
        StoreCheck("asked to stop", "a snooze ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .snoozed(for: .zero), as: .cancelled)
        },
        StoreCheck("asked to stop", "a release ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .released, as: .cancelled)
            try store.expect(try await store.claim().count, equals: 0, "claimed afterwards")
        },
        StoreCheck("asked to stop", "the handler that stopped ends it as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            let record = try await store.end(claimed, .cancelled, as: .cancelled)
            let outcomes = try await store.store.attempts(of: record.id).map(\.outcome)
            try store.expect(outcomes, equals: [.cancelled], "the outcomes")
        },
    ]
}
