#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let finishChecks: [StoreCheck] = [
        StoreCheck("finish", "a task that succeeded is done, with its result and without an error") { store in
            let first = try await store.start()
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            let claimed = try await store.claimAgain(first.record.id)
            store.advance(.seconds(4))
            let result = JSONText(trusted: #"{"ok":true}"#)
            let record = try await store.end(claimed, .done(result: result, followUps: []), as: .done)
            var expected = claimed.record
            expected.status = .done
            expected.result = result
            expected.error = nil
            expected.finishedAt = store.now
            expected.updatedAt = store.now
            expected.version = record.version
            try store.expect(record, equals: expected, "the record")
            try store.expect(record.version > claimed.record.version, "the version grew", seen: record.version)
        },
        StoreCheck("finish", "a failure with attempts left waits for its time and keeps the error") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 2))
            store.advance(.seconds(1))
            let record = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(30)), as: .queued)
            var expected = claimed.record
            expected.status = .queued
            expected.error = .boom
            expected.runAt = store.now.addingTimeInterval(30)
            expected.updatedAt = store.now
            expected.version = record.version
            try store.expect(record, equals: expected, "the record")
        },
        StoreCheck("finish", "a failure of the last attempt ends the task") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 1))
            let record = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(1)), as: .failed)
            try store.expect(record.error, equals: .boom, "error")
            try store.expect(record.finishedAt, equals: store.now, "finishedAt")
            try store.expect(record.result, equals: nil, "result")
        },
        StoreCheck("finish", "no task runs more often than it may") { store in
            let record = try await store.add(NewTask(name: "t", maxAttempts: 4))
            var runs = 0
            while let claimed = try await store.claim().first {
                runs += 1
                _ = try await store.finish(claimed.lease, .failed(.boom, retryAfter: .zero))
                if runs > 10 { break }
            }
            try store.expect(runs, equals: 4, "how often it ran")
            try store.expect(try await store.record(record.id).status, equals: .failed, "the status")
        },
        StoreCheck("finish", "a failure that must not be retried ends the task, whatever attempts are left") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 10))
            let record = try await store.end(claimed, .failed(.boom, retryAfter: nil), as: .failed)
            try store.expect(record.attempts, equals: 1, "attempts")
        },
        StoreCheck("finish", "a negative delay means at once") { store in
            let claimed = try await store.start()
            let record = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(-60)), as: .queued)
            try store.expect(record.runAt, equals: store.now, "runAt")
        },
        StoreCheck("finish", "a timeout is retried like a failure, and kept as a timeout") { store in
            let failure = TaskFailure(code: "timed_out", message: "Too slow.", isRetryable: true)
            let first = try await store.start(NewTask(name: "t", maxAttempts: 2))
            let waiting = try await store.end(first, .timedOut(failure, retryAfter: .zero), as: .queued)
            try store.expect(waiting.error, equals: failure, "error")
            let second = try await store.claimAgain(waiting.id)
            try await store.end(second, .timedOut(failure, retryAfter: .zero), as: .failed)
            let attempts = try await store.store.attempts(of: waiting.id)
            try store.expect(attempts.map(\.outcome), equals: [.timedOut, .timedOut], "the outcomes")
        },
        StoreCheck("finish", "a snoozed task runs again at its time and has used up no attempt") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 1))
            store.advance(.seconds(2))
            let until = store.now.addingTimeInterval(45)
            let record = try await store.end(claimed, .snoozed(for: .seconds(45)), as: .queued)
            try store.expect(record.runAt, equals: until, "runAt")
            try store.expect(record.attempts, equals: 0, "attempts")
            try store.expect(record.error, equals: nil, "error")
            store.advance(.seconds(45))
            let again = try await store.claimAgain(record.id)
            try store.expect(again.record.attempts, equals: 1, "attempts at the next claim")
        },
        StoreCheck("finish", "a task may snooze more often than it may fail") { store in
            let record = try await store.add(NewTask(name: "t", maxAttempts: 1))
            for _ in 0..<10 {
                let claimed = try await store.claimAgain(record.id)
                try await store.end(claimed, .snoozed(for: .zero), as: .queued)
            }
            try await store.end(try await store.claimAgain(record.id), .done(result: .null, followUps: []), as: .done)
        },
        StoreCheck("finish", "a released task is ready at once and has used up no attempt") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 1))
            store.advance(.seconds(3))
            let record = try await store.end(claimed, .released, as: .queued)
            try store.expect(record.runAt, equals: store.now, "runAt")
            try store.expect(record.attempts, equals: 0, "attempts")
            _ = try await store.claimAgain(record.id, by: .b)
        },
        StoreCheck("finish", "a driver may give its task up without being asked to") { store in
            let claimed = try await store.start()
            let record = try await store.end(claimed, .cancelled, as: .cancelled)
            try store.expect(record.finishedAt, equals: store.now, "finishedAt")
            try store.expect(record.error, equals: nil, "error")
        },
        StoreCheck("finish", "the report that comes with an outcome is written first") { store in
            let claimed = try await store.start()
            let progress = TaskProgress(processed: 9, total: 10, message: "almost")
            let report = TaskReport(
                lease: claimed.lease,
                progress: progress,
                metadata: ["at": "page 9"],
                checkpoint: JSONText(trusted: "9")
            )
            let record = try await store.end(
                claimed,
                .failed(.boom, retryAfter: .zero),
                as: .queued,
                report: report
            )
            try store.expect(record.progress, equals: progress, "progress")
            try store.expect(record.metadata, equals: ["at": "page 9"], "metadata")
            let again = try await store.claimAgain(record.id)
            try store.expect(again.checkpoint, equals: JSONText(trusted: "9"), "checkpoint")
        },
        StoreCheck("finish", "the report's own lease does not matter, the finish's does") { store in
            let claimed = try await store.start()
            let other = Lease(task: TaskID(), fence: 99, worker: .b)
            let report = TaskReport(lease: other, metadata: ["x": 1])
            let record = try await store.end(claimed, .done(result: .null, followUps: []), as: .done, report: report)
            try store.expect(record.metadata, equals: ["x": 1], "metadata")
        },
        StoreCheck("finish", "a done task keeps the progress it last reported") { store in
            let claimed = try await store.start()
            let report = TaskReport(lease: claimed.lease, progress: TaskProgress(processed: 3, total: 4))
            let record = try await store.end(claimed, .done(result: .null, followUps: []), as: .done, report: report)
            try store.expect(record.progress, equals: TaskProgress(processed: 3, total: 4), "progress")
        },
        StoreCheck("finish", "a checkpoint survives failures, snoozes, releases, rescues and retries") { store in
            let first = try await store.start(NewTask(name: "t", maxAttempts: 3))
            let checkpoint = JSONText(trusted: #""page 7""#)
            _ = try await store.beat(.a, TaskReport(lease: first.lease, checkpoint: checkpoint))
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            let id = first.record.id
            func next(_ after: String) async throws -> ClaimedTask {
                let claimed = try await store.claimAgain(id)
                try store.expect(claimed.checkpoint, equals: checkpoint, "the checkpoint after \(after)")
                return claimed
            }
            try await store.end(try await next("a failure"), .snoozed(for: .zero), as: .queued)
            try await store.end(try await next("a snooze"), .released, as: .queued)
            _ = try await next("a release")
            store.advance(.seconds(60))
            _ = try await store.store.rescue(limit: 1)
            try await store.end(try await next("a rescue"), .failed(.boom, retryAfter: nil), as: .failed)
            _ = try await store.retry(id)
            _ = try await next("a retry")
        },
        StoreCheck("finish", "a batch ends attempts one by one, and answers in order") { store in
            try await store.add(4)
            let claimed = try await store.claim()
            let unknown = Lease(task: TaskID(), fence: 1, worker: .a)
            let results = try await store.store.finish([
                Finish(lease: claimed[0].lease, outcome: .done(result: .null, followUps: [])),
                Finish(lease: unknown, outcome: .released),
                Finish(lease: claimed[1].lease, outcome: .failed(.boom, retryAfter: nil)),
                Finish(lease: claimed[2].lease, outcome: .cancelled),
                Finish(lease: claimed[3].lease, outcome: .released),
            ])
            let expected: [FinishResult] = [
                .accepted(.done), .stale, .accepted(.failed), .accepted(.cancelled), .accepted(.queued),
            ]
            try store.expect(results, equals: expected, "the answers")
        },
        StoreCheck("finish", "a batch of a thousand ends all of them") { store in
            try await store.add(1000)
            let claimed = try await store.claim()
            let results = try await store.store.finish(
                claimed.enumerated().map { number, task in
                    Finish(
                        lease: task.lease,
                        outcome: .done(result: JSONText(trusted: "\(number)"), followUps: [])
                    )
                }
            )
            try store.expect(results.count { $0 == .accepted(.done) }, equals: 1000, "accepted as done")
            let stored = try await store.store.tasks(claimed.map(\.record.id)).map { $0?.result?.text }
            try store.expect(stored, equals: (0..<1000).map { "\($0)" }, "the results")
        },
        StoreCheck("finish", "an empty batch answers nothing") { store in
            try store.expect(try await store.store.finish([]), equals: [], "the answers")
        },
        StoreCheck("finish", "a worker that is late but was not swept may still finish") { store in
            let claimed = try await store.start()
            store.advance(.seconds(3600))
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
        },
    ]

    static let staleChecks: [StoreCheck] = [
        StoreCheck("stale", "a repeated finish is stale and changes nothing") { store in
            let claimed = try await store.start()
            let done = try await store.end(claimed, .done(result: JSONText(trusted: "1"), followUps: []), as: .done)
            store.advance(.seconds(1))
            for outcome in everyOutcome(at: store.now) {
                try store.expect(try await store.finish(claimed.lease, outcome), equals: .stale, "\(outcome)")
            }
            try store.expect(try await store.record(done.id), equals: done, "the record")
        },
        StoreCheck("stale", "the same lease twice in one batch is accepted once") { store in
            let claimed = try await store.start()
            let results = try await store.store.finish([
                Finish(lease: claimed.lease, outcome: .done(result: JSONText(trusted: "1"), followUps: [])),
                Finish(lease: claimed.lease, outcome: .done(result: JSONText(trusted: "2"), followUps: [])),
            ])
            try store.expect(results, equals: [.accepted(.done), .stale], "the answers")
            let result = try await store.record(claimed.record.id).result
            try store.expect(result, equals: JSONText(trusted: "1"), "result")
        },
        StoreCheck("stale", "a zombie's finish leaves the newer attempt alone") { store in
            let zombie = try await store.start(by: .a)
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            let running = try await store.claimAgain(zombie.record.id, by: .b)
            for outcome in everyOutcome(at: store.now) {
                try store.expect(try await store.finish(zombie.lease, outcome), equals: .stale, "\(outcome)")
            }
            try store.expect(try await store.record(zombie.record.id), equals: running.record, "the record")
            try await store.end(running, .done(result: .null, followUps: []), as: .done)
        },
        StoreCheck("stale", "a zombie of the same worker is stale too: the fence decides, not the name") { store in
            let zombie = try await store.start(by: .a)
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            let running = try await store.claimAgain(zombie.record.id, by: .a)
            let answer = try await store.finish(zombie.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the zombie's answer")
            try store.expect(try await store.record(zombie.record.id), equals: running.record, "the record")
        },
        StoreCheck("stale", "a finish of a task that waits to be run again is stale") { store in
            let claimed = try await store.start()
            let waiting = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(5)), as: .queued)
            let answer = try await store.finish(claimed.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
            try store.expect(try await store.record(waiting.id), equals: waiting, "the record")
        },
        StoreCheck("stale", "a finish of a task that was cancelled while queued is stale") { store in
            let claimed = try await store.start()
            try await store.end(claimed, .released, as: .queued)
            _ = try await store.cancel(claimed.record.id)
            let cancelled = try await store.record(claimed.record.id)
            let answer = try await store.finish(claimed.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
            try store.expect(try await store.record(cancelled.id), equals: cancelled, "the record")
        },
        StoreCheck("stale", "a finish after somebody retried the task is stale") { store in
            let claimed = try await store.start()
            try await store.end(claimed, .failed(.boom, retryAfter: nil), as: .failed)
            _ = try await store.retry(claimed.record.id)
            let again = try await store.claimAgain(claimed.record.id)
            let answer = try await store.finish(claimed.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
            try store.expect(try await store.record(again.record.id), equals: again.record, "the record")
        },
        StoreCheck("stale", "a finish of an unknown task, or with a fence from the future, is stale") { store in
            let unknown = Lease(task: TaskID(), fence: 1, worker: .a)
            try store.expect(try await store.finish(unknown, .released), equals: .stale, "an unknown task's answer")
            var future = try await store.start().lease
            future.fence += 1
            try store.expect(try await store.finish(future, .released), equals: .stale, "a future fence's answer")
        },
        StoreCheck("stale", "a finish in another worker's name is stale") { store in
            var forged = try await store.start(by: .a).lease
            forged.worker = .b
            let answer = try await store.finish(forged, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
        },
        StoreCheck("stale", "a stale finish writes neither its report nor its follow-ups") { store in
            let claimed = try await store.start()
            try await store.end(claimed, .released, as: .queued)
            let again = try await store.claimAgain(claimed.record.id)
            let followUp = NewTask.plain
            let report = TaskReport(
                lease: claimed.lease,
                progress: TaskProgress(processed: 1),
                metadata: ["x": 1],
                checkpoint: JSONText(trusted: "1")
            )
            let answer = try await store.finish(
                claimed.lease,
                .done(result: .null, followUps: [followUp]),
                report: report
            )
            try store.expect(answer, equals: .stale, "the answer")
            try store.expect(try await store.record(again.record.id), equals: again.record, "the record")
            try store.expect(try await store.store.tasks([followUp.id]), equals: [nil], "the follow-up")
        },
        StoreCheck("stale", "a done task never changes again, whatever is tried") { store in
            let claimed = try await store.start(NewTask(name: "t", uniqueKey: "u"))
            let done = try await store.end(claimed, .done(result: JSONText(trusted: "1"), followUps: []), as: .done)
            store.advance(.seconds(100))
            _ = try await store.cancel(done.id)
            _ = try await store.retry(done.id)
            _ = try await store.update(done.id, TaskChanges(priority: 3, metadata: ["x": 1]))
            _ = try await store.beat(.a, held: [claimed.lease], TaskReport(lease: claimed.lease, metadata: ["x": 1]))
            _ = try await store.store.retire(.a)
            _ = try await store.store.rescue(limit: 10)
            _ = try await store.claim()
            try store.expect(try await store.record(done.id), equals: done, "the record")
        },
    ]

    /// One finish outcome of every kind.
    static func everyOutcome(at now: Date) -> [Finish.Outcome] {
        [
            .done(result: JSONText(trusted: "9"), followUps: []), .failed(.boom, retryAfter: nil),
            .failed(.boom, retryAfter: .zero), .timedOut(.boom, retryAfter: .zero), .cancelled,
            .snoozed(for: .zero), .released,
        ]
    }
}
