#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let rescueChecks: [StoreCheck] = [
        StoreCheck("rescue", "nothing is taken from a worker whose lease is good") { store in
            let claimed = try await store.start()
            store.advance(.seconds(20) - .microseconds(1))
            try store.expect(try await store.store.rescue(limit: 10), equals: RescueReport(), "what a sweep did")
            try store.expect(try await store.record(claimed.record.id), equals: claimed.record, "the record")
        },
        StoreCheck("rescue", "a task whose worker's lease ran out is ready again, and says why") { store in
            let claimed = try await store.start()
            store.advance(.seconds(20))
            let report = try await store.store.rescue(limit: 10)
            try store.expect(report, equals: RescueReport(requeued: 1), "what a sweep did")
            let record = try await store.record(claimed.record.id)
            var expected = claimed.record
            expected.status = .queued
            expected.lostAttempts = 1
            expected.runAt = store.now
            expected.updatedAt = store.now
            expected.error = record.error
            expected.version = record.version
            try store.expect(record, equals: expected, "the record")
            try store.expect(record.error?.code, equals: "worker_lost", "the error's code")
            let attempt = try await store.store.attempts(of: record.id).last
            try store.expect(attempt?.outcome, equals: .workerLost, "the attempt's outcome")
            try store.expect(attempt?.failure, equals: record.error, "the attempt's failure")
            try store.expect(attempt?.finishedAt, equals: store.now, "the attempt's end")
        },
        StoreCheck("rescue", "a task past its deadline is taken also from a worker that lives") { store in
            let claimed = try await store.start(NewTask(name: "t", timeout: .seconds(100)))
            let deadline = Duration.seconds(100) + TaskLifecycle.deadlineGrace
            store.advance(deadline - .microseconds(1))
            _ = try await store.beat(.a, held: [claimed.lease])
            try store.expect(try await store.store.rescue(limit: 10), equals: RescueReport(), "a microsecond early")
            store.advance(.microseconds(1))
            let report = try await store.store.rescue(limit: 10)
            try store.expect(report, equals: RescueReport(requeued: 1), "at the deadline")
            let record = try await store.record(claimed.record.id)
            try store.expect(record.error?.code, equals: "timed_out", "the error's code")
            try store.expect(record.lostAttempts, equals: 0, "lostAttempts: its worker lives")
            let attempt = try await store.store.attempts(of: record.id).last
            try store.expect(attempt?.outcome, equals: .timedOut, "the attempt's outcome")
            try store.expect(attempt?.failure, equals: record.error, "the attempt's failure")
        },
        StoreCheck("rescue", "a task without timeout has no deadline") { store in
            let claimed = try await store.start()
            store.advance(.seconds(30 * 86_400))
            _ = try await store.beat(.a, held: [claimed.lease])
            try store.expect(try await store.store.rescue(limit: 10), equals: RescueReport(), "what a sweep did")
        },
        StoreCheck("rescue", "every attempt has its own deadline") { store in
            let first = try await store.start(NewTask(name: "t", timeout: .seconds(10)))
            store.advance(.seconds(15))
            try await store.end(first, .released, as: .queued)
            _ = try await store.claimAgain(first.record.id)
            store.advance(.seconds(15))
            try store.expect(try await store.store.rescue(limit: 10), equals: RescueReport(), "what a sweep did")
        },
        StoreCheck("rescue", "a lost worker and a passed deadline at once count as a lost worker") { store in
            let claimed = try await store.start(NewTask(name: "t", timeout: .seconds(1)))
            store.advance(.seconds(60))
            _ = try await store.store.rescue(limit: 10)
            let record = try await store.record(claimed.record.id)
            try store.expect(record.error?.code, equals: "worker_lost", "the error's code")
            try store.expect(record.lostAttempts, equals: 1, "lostAttempts")
        },
        StoreCheck("rescue", "a task without attempts left fails") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 1))
            store.advance(.seconds(20))
            let report = try await store.store.rescue(limit: 10)
            try store.expect(report, equals: RescueReport(failed: 1), "what a sweep did")
            let record = try await store.record(claimed.record.id)
            try store.expect(record.status, equals: .failed, "the status")
            try store.expect(record.finishedAt, equals: store.now, "finishedAt")
        },
        StoreCheck("rescue", "a task that lost three workers is failed whatever its budget: it may be what kills them")
        {
            store in
            let record = try await store.add(NewTask(name: "t", maxAttempts: 100))
            for loss in 1...3 {
                _ = try await store.claimAgain(record.id)
                store.advance(.seconds(21))
                let report = try await store.store.rescue(limit: 10)
                let expected = loss < 3 ? RescueReport(requeued: 1) : RescueReport(failed: 1)
                try store.expect(report, equals: expected, "what sweep \(loss) did")
            }
            let seen = try await store.record(record.id)
            try store.expect(seen.status, equals: .failed, "the status")
            try store.expect(seen.lostAttempts, equals: 3, "lostAttempts")
            try store.expect(seen.attempts, equals: 3, "attempts")
        },
        StoreCheck("rescue", "failures and timeouts between losses do not count as losses") { store in
            let record = try await store.add(NewTask(name: "t", maxAttempts: 100))
            for _ in 1...2 {
                _ = try await store.claimAgain(record.id)
                store.advance(.seconds(21))
                _ = try await store.store.rescue(limit: 10)
                let claimed = try await store.claimAgain(record.id)
                try await store.end(claimed, .failed(.boom, retryAfter: .zero), as: .queued)
            }
            let seen = try await store.record(record.id)
            try store.expect(seen.lostAttempts, equals: 2, "lostAttempts")
            try store.expect(seen.status, equals: .queued, "the status")
        },
        StoreCheck("rescue", "a task that was asked to stop ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            store.advance(.seconds(20))
            let report = try await store.store.rescue(limit: 10)
            try store.expect(report, equals: RescueReport(cancelled: 1), "what a sweep did")
            let record = try await store.record(claimed.record.id)
            try store.expect(record.status, equals: .cancelled, "the status")
            try store.expect(record.error?.code, equals: "worker_lost", "the error's code")
        },
        StoreCheck("rescue", "queued and finished tasks are not touched") { store in
            var records: [TaskRecord] = []
            for status in [TaskStatus.done, .failed, .cancelled, .queued] {
                records.append(try await store.make(status, NewTask(name: "t", timeout: .seconds(1))))
            }
            store.advance(.seconds(3600))
            try store.expect(try await store.store.rescue(limit: 100), equals: RescueReport(), "what a sweep did")
            let seen = try await store.store.tasks(records.map(\.id)).compactMap { $0 }
            try store.expect(seen, equals: records, "the records")
        },
        StoreCheck("rescue", "at most its limit, and the next sweep goes on") { store in
            try await store.add(10)
            _ = try await store.claim()
            store.advance(.seconds(21))
            var totals: [Int] = []
            for _ in 0..<4 { totals.append(try await store.store.rescue(limit: 4).total) }
            try store.expect(totals, equals: [4, 4, 2, 0], "how many each sweep took")
        },
        StoreCheck("rescue", "only the dead worker's tasks are taken") { store in
            let dead = try await store.start(by: .a)
            store.advance(.seconds(10))
            let alive = try await store.start(by: .b)
            store.advance(.seconds(11))
            try store.expect(try await store.store.rescue(limit: 10).total, equals: 1, "rescued")
            try store.expect(try await store.record(dead.record.id).status, equals: .queued, "the dead one's task")
            try store.expect(try await store.record(alive.record.id), equals: alive.record, "the living one's task")
        },
        StoreCheck("rescue", "dead workers that run nothing are forgotten, living ones are not") { store in
            _ = try await store.beat(.a)
            store.advance(.seconds(15))
            _ = try await store.beat(.b)
            store.advance(.seconds(10))
            try store.expect(try await store.store.workers().map(\.id), equals: [.a, .b], "workers before")
            _ = try await store.store.rescue(limit: 10)
            try store.expect(try await store.store.workers().map(\.id), equals: [.b], "workers afterwards")
        },
        StoreCheck("rescue", "a rescued worker's late finish is stale") { store in
            let claimed = try await store.start()
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            let answer = try await store.finish(claimed.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
        },
        StoreCheck("rescue", "sweeps at once take each task once") { store in
            let ids = try await store.add(60).map(\.id)
            _ = try await store.claim()
            store.advance(.seconds(21))
            let totals = try await race(8) { _ in try await store.store.rescue(limit: 1000).total }
            try store.expect(totals.reduce(0, +), equals: 60, "rescued by all sweeps")
            let lost = try await store.store.tasks(ids).compactMap { $0?.lostAttempts }
            try store.expect(lost, equals: Array(repeating: 1, count: 60), "lostAttempts")
        },
    ]

    static let retireChecks: [StoreCheck] = [
        StoreCheck("retire", "what the worker still runs is released: ready at once, no attempt used up") { store in
            let claimed = try await store.start(NewTask(name: "t", maxAttempts: 1))
            store.advance(.seconds(1))
            try await store.store.retire(.a)
            let record = try await store.record(claimed.record.id)
            try store.expect(record.status, equals: .queued, "the status")
            try store.expect(record.attempts, equals: 0, "attempts")
            try store.expect(record.runAt, equals: store.now, "runAt")
            try store.expect(record.error, equals: nil, "error")
            let outcomes = try await store.store.attempts(of: record.id).map(\.outcome)
            try store.expect(outcomes, equals: [.released], "the outcomes")
        },
        StoreCheck("retire", "what was asked to stop ends as cancelled") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.store.retire(.a)
            try store.expect(try await store.record(claimed.record.id).status, equals: .cancelled, "the status")
        },
        StoreCheck("retire", "the worker is forgotten; an unknown one is no error") { store in
            _ = try await store.beat(.a)
            _ = try await store.beat(.b)
            try await store.store.retire(.a)
            try await store.store.retire(.c)
            try store.expect(try await store.store.workers().map(\.id), equals: [.b], "the workers")
            try store.expect(try await store.beat(.a).wasAlive, equals: false, "wasAlive afterwards")
        },
        StoreCheck("retire", "other workers' tasks and what this one finished stay as they are") { store in
            let done = try await store.make(.done)
            let others = try await store.start(by: .b)
            try await store.store.retire(.a)
            try store.expect(try await store.record(done.id), equals: done, "the finished task")
            try store.expect(try await store.record(others.record.id), equals: others.record, "the other's task")
        },
        StoreCheck("retire", "a retired worker's late finish is stale") { store in
            let claimed = try await store.start()
            try await store.store.retire(.a)
            let answer = try await store.finish(claimed.lease, .done(result: .null, followUps: []))
            try store.expect(answer, equals: .stale, "the answer")
        },
    ]
}
