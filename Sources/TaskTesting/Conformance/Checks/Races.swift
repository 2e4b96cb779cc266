#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    /// How often each race is run: a store that checks before it writes loses some of them.
    private static let rounds = 100

    private static func raceCheck(
        _ promise: String,
        _ round: @escaping @Sendable (StoreProbe) async throws -> Void
    ) -> StoreCheck {
        StoreCheck("race", promise) { store in
            for _ in 0..<rounds { try await round(store) }
        }
    }

    static let raceChecks: [StoreCheck] = [
        raceCheck("success against cancel: success wins, and the canceller learns which") { store in
            let claimed = try await store.start()
            let id = claimed.record.id
            let (finish, cancel) = try await race(
                { try await store.finish(claimed.lease, .done(result: .null, followUps: [])) },
                { try await store.cancel(id) }
            )
            let record = try await store.record(id)
            try store.expect(finish, equals: .accepted(.done), "the finish")
            try store.expect(record.status, equals: .done, "the status")
            let wasTold = cancel == .refused(.done) || cancel.acceptedStatus == .running
            try store.expect(wasTold, "the canceller is told 'running' or 'done'", seen: cancel)
            try store.expect(
                (record.cancelRequestedAt != nil) == (cancel.acceptedStatus == .running),
                "what the record says is what the canceller was told",
                seen: record
            )
        },
        raceCheck("retry against cancel: the task ends as cancelled, whoever is first") { store in
            let claimed = try await store.start()
            let id = claimed.record.id
            let (finish, cancel) = try await race(
                { try await store.finish(claimed.lease, .failed(.boom, retryAfter: .zero)) },
                { try await store.cancel(id) }
            )
            try store.expect(try await store.record(id).status, equals: .cancelled, "the status")
            let isOneStory =
                (finish == .accepted(.cancelled) && cancel.acceptedStatus == .running)
                || (finish == .accepted(.queued) && cancel.acceptedStatus == .cancelled)
            try store.expect(isOneStory, "both tell one story", seen: (finish, cancel))
        },
        raceCheck("claim against cancel: the task runs or is cancelled, never both") { store in
            let task = try await store.add()
            let (claimed, cancel) = try await race(
                { try await store.claim(limit: 1) },
                { try await store.cancel(task.id) }
            )
            let record = try await store.record(task.id)
            if claimed.isEmpty {
                try store.expect(record.status, equals: .cancelled, "the status")
                try store.expect(cancel.acceptedStatus, equals: .cancelled, "what the canceller was told")
            } else {
                try store.expect(record.status, equals: .running, "the status")
                try store.expect(cancel.acceptedStatus, equals: .running, "what the canceller was told")
                try await store.end(claimed[0], .cancelled, as: .cancelled)
            }
        },
        raceCheck("claim against pause: nothing is claimed after the pause is answered") { store in
            try await store.add(2)
            let (_, _) = try await race(
                { try await store.claim(limit: 1) },
                { try await store.store.setPaused(true, queue: "default") }
            )
            try store.expect(try await store.claim().count, equals: 0, "claimed afterwards")
            try await store.store.setPaused(false, queue: "default")
            _ = try await store.claim()
        },
        raceCheck("claim against update: what runs is what was stored last") { store in
            let task = try await store.add()
            let input = JSONText(trusted: #""edited""#)
            let (claimed, update) = try await race(
                { try await store.claim(limit: 1) },
                { try await store.update(task.id, TaskChanges(input: input)) }
            )
            let isEdited = update.acceptedStatus == .queued
            try store.expect(isEdited || update == .refused(.running), "edited or refused", seen: update)
            // A store may pass over a task that is being edited: then the next claim gets it.
            let next = claimed.isEmpty ? try await store.claim(limit: 1) : []
            let ran = try store.require((claimed + next).first, "a claim of the task")
            try store.expect(ran.record.input == input, equals: isEdited, "whether the edit runs")
        },
        raceCheck("one lease finished by two callers: one is accepted") { store in
            let claimed = try await store.start()
            let answers = try await race(4) { number in
                let result = JSONText(trusted: "\(number)")
                return try await store.finish(claimed.lease, .done(result: result, followUps: []))
            }
            try store.expect(answers.count { $0 == .accepted(.done) }, equals: 1, "accepted")
            try store.expect(answers.count { $0 == .stale }, equals: 3, "stale")
            let winner = answers.firstIndex(of: .accepted(.done)) ?? -1
            let result = try await store.record(claimed.record.id).result
            try store.expect(result?.text, equals: "\(winner)", "the result: the accepted one's")
        },
        raceCheck("finish against rescue: one of them ends the attempt") { store in
            let claimed = try await store.start()
            store.advance(.seconds(21))
            let (finish, report) = try await race(
                { try await store.finish(claimed.lease, .done(result: .null, followUps: [])) },
                { try await store.store.rescue(limit: 10) }
            )
            let record = try await store.record(claimed.record.id)
            let outcomes = try await store.store.attempts(of: record.id).map(\.outcome)
            if finish == .stale {
                try store.expect(report.total, equals: 1, "rescued")
                try store.expect(outcomes, equals: [.workerLost], "the outcomes")
                _ = try await store.cancel(record.id)
            } else {
                try store.expect(report.total, equals: 0, "rescued")
                try store.expect(record.status, equals: .done, "the status")
                try store.expect(outcomes, equals: [.done], "the outcomes")
            }
        },
        raceCheck("beat against rescue: a worker whose beat was in time keeps its task") { store in
            let claimed = try await store.start()
            store.advance(.seconds(21))
            let (reply, report) = try await race(
                { try await store.beat(.a, held: [claimed.lease]) },
                { try await store.store.rescue(limit: 10) }
            )
            let isRunning = try await store.record(claimed.record.id).status == .running
            try store.expect(reply.lost.isEmpty, equals: isRunning, "whether the beat says the lease is held")
            try store.expect(report.total, equals: isRunning ? 0 : 1, "rescued")
            _ = try await store.cancel(claimed.record.id)
            _ = try await store.finish(claimed.lease, .cancelled)
        },
        raceCheck("retire against finish: the attempt ends once") { store in
            let claimed = try await store.start()
            let (finish, _) = try await race(
                { try await store.finish(claimed.lease, .done(result: .null, followUps: [])) },
                { try await store.store.retire(.a) }
            )
            let outcomes = try await store.store.attempts(of: claimed.record.id).map(\.outcome)
            try store.expect(outcomes, equals: [finish == .stale ? .released : .done], "the outcomes")
            _ = try await store.cancel(claimed.record.id)
        },
        raceCheck("prune against retry: a task is retried or gone, not lost while retried") { store in
            let failed = try await store.make(.failed)
            store.advance(.seconds(60))
            let (retry, counts) = try await race(
                { try await store.retry(failed.id) },
                { try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 100) }
            )
            let stored = try await store.store.tasks([failed.id])[0]
            if retry.acceptedStatus == .queued {
                try store.expect(stored?.status, equals: .queued, "the status")
                try store.expect(counts[.failed, default: 0], equals: 0, "pruned")
                _ = try await store.cancel(failed.id)
            } else {
                try store.expect(retry, equals: .notFound, "what the retrier was told")
                try store.expect(stored, equals: nil, "the record")
            }
            _ = try await store.store.prune(.finished(olderThan: .zero), limit: 100)
        },
        raceCheck("two retries of one task: one is accepted") { store in
            let failed = try await store.make(.failed)
            let outcomes = try await race(3) { _ in try await store.retry(failed.id) }
            try store.expect(outcomes.count { $0.acceptedStatus == .queued }, equals: 1, "accepted")
            try store.expect(outcomes.count { $0 == .refused(.queued) }, equals: 2, "refused")
            _ = try await store.cancel(failed.id)
        },
        raceCheck("an enqueue with a unique key against its holder's end: never two active holders") { store in
            let holder = try await store.start(NewTask(name: "t", queue: "race", uniqueKey: "u"))
            let (_, answers) = try await race(
                { try await store.end(holder, .done(result: .null, followUps: []), as: .done) },
                { try await store.enqueue(NewTask(name: "t", queue: "race", uniqueKey: "u")) }
            )
            let active = try await store.walk(TaskQuery(TaskFilter(statuses: [.queued, .running])))
            let expected = answers.first?.insertedID.map { [$0] } ?? []
            try store.expect(active.map(\.id), equals: expected, "active tasks with the key")
            for record in active { _ = try await store.cancel(record.id) }
        },
    ]
}
