#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let attemptChecks: [StoreCheck] = [
        StoreCheck("attempts", "an unknown task and one that never ran have none") { store in
            try store.expect(try await store.store.attempts(of: TaskID()), equals: [], "of an unknown task")
            let task = try await store.add()
            try store.expect(try await store.store.attempts(of: task.id), equals: [], "of a queued task")
        },
        StoreCheck("attempts", "the running one is listed, without an end") { store in
            let claimed = try await store.start()
            let expected = Attempt(number: 1, fence: 1, worker: .a, startedAt: store.now)
            try store.expect(try await store.store.attempts(of: claimed.record.id), equals: [expected], "attempts")
        },
        StoreCheck("attempts", "a task that succeeds at once has one") { store in
            let claimed = try await store.start()
            store.advance(.seconds(2))
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
            let expected = Attempt(
                number: 1,
                fence: 1,
                worker: .a,
                startedAt: store.now.addingTimeInterval(-2),
                finishedAt: store.now,
                outcome: .done
            )
            try store.expect(try await store.store.attempts(of: claimed.record.id), equals: [expected], "attempts")
        },
        StoreCheck("attempts", "a task that fails or is cancelled at once has one, with its failure") { store in
            for (outcome, status, ended) in [
                (Finish.Outcome.failed(.boom, retryAfter: nil), TaskStatus.failed, Attempt.Outcome.failed),
                (.timedOut(.boom, retryAfter: nil), .failed, .timedOut), (.cancelled, .cancelled, .cancelled),
            ] {
                let claimed = try await store.start()
                try await store.end(claimed, outcome, as: status)
                let expected = Attempt(
                    number: 1,
                    fence: 1,
                    worker: .a,
                    startedAt: store.now,
                    finishedAt: store.now,
                    outcome: ended,
                    failure: ended == .cancelled ? nil : .boom
                )
                let seen = try await store.store.attempts(of: claimed.record.id)
                try store.expect(seen, equals: [expected], "attempts")
            }
        },
        StoreCheck("attempts", "a long life is kept complete, in order, with every outcome") { store in
            let task = try await store.add(NewTask(name: "t", maxAttempts: 50, timeout: .seconds(100)))
            var expected: [Attempt] = []
            func attempt(
                _ number: Int,
                _ outcome: Attempt.Outcome,
                _ failure: TaskFailure?,
                by worker: WorkerID = .a,
                _ end: (ClaimedTask) async throws -> Void
            ) async throws {
                let claimed = try await store.claimAgain(task.id, by: worker)
                let start = store.now
                store.advance(.milliseconds(1500))
                try await end(claimed)
                expected.append(
                    Attempt(
                        number: number,
                        fence: Int64(expected.count + 1),
                        worker: worker,
                        startedAt: start,
                        finishedAt: store.now,
                        outcome: outcome,
                        failure: failure
                    )
                )
            }
            try await attempt(1, .failed, .boom) {
                try await store.end($0, .failed(.boom, retryAfter: .zero), as: .queued)
            }
            try await attempt(2, .released, nil) { try await store.end($0, .released, as: .queued) }
            try await attempt(2, .snoozed, nil, by: .b) {
                try await store.end($0, .snoozed(for: .zero), as: .queued)
            }
            try await attempt(2, .timedOut, .boom) {
                try await store.end($0, .timedOut(.boom, retryAfter: .zero), as: .queued)
            }
            try await attempt(3, .workerLost, .workerLost(.b), by: .b) { _ in
                store.advance(.seconds(20))
                _ = try await store.store.rescue(limit: 10)
            }
            try await attempt(4, .timedOut, .deadlinePassed) { _ in
                store.advance(.seconds(110))
                _ = try await store.beat(.a)
                _ = try await store.store.rescue(limit: 10)
            }
            try await attempt(5, .released, nil) { _ in try await store.store.retire(.a) }
            try await attempt(5, .failed, .boom) {
                try await store.end($0, .failed(.boom, retryAfter: nil), as: .failed)
            }
            _ = try await store.retry(task.id)
            try await attempt(1, .cancelled, nil) { try await store.end($0, .cancelled, as: .cancelled) }
            _ = try await store.retry(task.id)
            try await attempt(1, .done, nil, by: .c) {
                try await store.end($0, .done(result: .null, followUps: []), as: .done)
            }
            let seen = try await store.store.attempts(of: task.id)
            try store.expect(seen.map(\.outcome), equals: expected.map(\.outcome), "the outcomes")
            try store.expect(seen.map(\.number), equals: expected.map(\.number), "the numbers")
            try store.expect(seen.map(\.fence), equals: expected.map(\.fence), "the fences")
            try store.expect(seen.map(\.worker), equals: expected.map(\.worker), "the workers")
            try store.expect(seen.map(\.startedAt), equals: expected.map(\.startedAt), "the starts")
            try store.expect(seen.map(\.finishedAt), equals: expected.map(\.finishedAt), "the ends")
            try store.expect(seen.map(\.failure?.code), equals: expected.map(\.failure?.code), "the failures")
        },
        StoreCheck("attempts", "a retry keeps the history, and the running attempt comes last") { store in
            let failed = try await store.make(.failed)
            _ = try await store.retry(failed.id)
            let kept = try await store.store.attempts(of: failed.id)
            try store.expect(kept.map(\.outcome), equals: [.failed], "the outcomes while queued again")
            _ = try await store.claimAgain(failed.id)
            let running = try await store.store.attempts(of: failed.id)
            try store.expect(running.map(\.outcome), equals: [.failed, nil], "the outcomes while it runs")
            try store.expect(running.map(\.fence), equals: [1, 2], "the fences")
        },
        StoreCheck("attempts", "a success after failures does not hide them") { store in
            let claimed = try await store.start()
            try await store.end(claimed, .failed(.boom, retryAfter: .zero), as: .queued)
            let again = try await store.claimAgain(claimed.record.id)
            try await store.end(again, .done(result: .null, followUps: []), as: .done)
            let seen = try await store.store.attempts(of: claimed.record.id)
            try store.expect(seen.map(\.outcome), equals: [.failed, .done], "the outcomes")
            try store.expect(seen.map(\.failure), equals: [.boom, nil], "the failures")
        },
    ]
}
