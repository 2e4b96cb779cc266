#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let beatChecks: [StoreCheck] = [
        StoreCheck("beat", "a worker not known before was not alive and is alive afterwards") { store in
            try store.expect(try await store.beat(.a).wasAlive, equals: false, "wasAlive at the first beat")
            try store.expect(try await store.beat(.a).wasAlive, equals: true, "wasAlive at the second")
        },
        StoreCheck("beat", "a worker that claimed is known") { store in
            _ = try await store.claim()
            try store.expect(try await store.beat(.a).wasAlive, equals: true, "wasAlive")
        },
        StoreCheck("beat", "a lease lasts as long as it was renewed for, and ends at that moment") { store in
            _ = try await store.beat(.a)
            store.advance(.seconds(20) - .microseconds(1))
            try store.expect(try await store.beat(.a).wasAlive, equals: true, "wasAlive a microsecond before the end")
            store.advance(.seconds(20))
            try store.expect(try await store.beat(.a).wasAlive, equals: false, "wasAlive at the end")
            try store.expect(try await store.beat(.a).wasAlive, equals: true, "wasAlive after that beat")
        },
        StoreCheck("beat", "a worker that beats keeps its tasks for as long as it does") { store in
            let claimed = try await store.start()
            for _ in 0..<10 {
                store.advance(.seconds(15))
                _ = try await store.beat(.a, held: [claimed.lease])
                try store.expect(try await store.store.rescue(limit: 10).total, equals: 0, "rescued")
            }
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
        },
        StoreCheck("beat", "a late beat saves tasks that no sweep has taken yet") { store in
            let claimed = try await store.start()
            store.advance(.seconds(60))
            let reply = try await store.beat(.a, held: [claimed.lease])
            try store.expect(reply, equals: BeatReply(wasAlive: false), "the reply")
            try store.expect(try await store.store.rescue(limit: 10).total, equals: 0, "rescued")
        },
        StoreCheck("beat", "a shorter renewal does not shorten a lease") { store in
            _ = try await store.claim(lease: .seconds(60))
            _ = try await store.beat(.a)
            store.advance(.seconds(40))
            try store.expect(try await store.beat(.a).wasAlive, equals: true, "wasAlive")
        },
        StoreCheck("beat", "it names the held leases that are not their task's running attempt, and no others") {
            store in
            let good = try await store.start()
            let finished = try await store.start()
            try await store.end(finished, .done(result: .null, followUps: []), as: .done)
            let older = try await store.start()
            try await store.end(older, .released, as: .queued)
            let newer = try await store.claimAgain(older.record.id)
            let given = try await store.start()
            try await store.end(given, .snoozed(for: .seconds(9)), as: .queued)
            let unknown = Lease(task: TaskID(), fence: 1, worker: .a)
            let reply = try await store.beat(
                .a,
                held: [good.lease, finished.lease, older.lease, newer.lease, given.lease, unknown]
            )
            let lost: Set = [finished.lease, older.lease, given.lease, unknown]
            try store.expect(Set(reply.lost), equals: lost, "the lost leases")
        },
        StoreCheck("beat", "a lease in another worker's name is lost") { store in
            let claimed = try await store.start(by: .a)
            var forged = claimed.lease
            forged.worker = .b
            try store.expect(try await store.beat(.b, held: [forged]).lost, equals: [forged], "the lost leases")
        },
        StoreCheck("beat", "a worker whose tasks were rescued learns that it lost them") { store in
            let claimed = try await store.start()
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            let reply = try await store.beat(.a, held: [claimed.lease])
            try store.expect(reply, equals: BeatReply(wasAlive: false, lost: [claimed.lease]), "the reply")
        },
        StoreCheck("beat", "it names the tasks this worker runs whose cancellation was asked for") { store in
            let mine = try await store.start(by: .a)
            let untouched = try await store.start(by: .a)
            let others = try await store.start(by: .b)
            for task in [mine, others] { _ = try await store.cancel(task.record.id) }
            for round in 1...2 {
                let reply = try await store.beat(.a, held: [mine.lease, untouched.lease])
                let expected = BeatReply(wasAlive: true, cancelRequested: [mine.record.id])
                try store.expect(reply, equals: expected, "the reply, beat \(round)")
            }
        },
        StoreCheck("beat", "it names them also when the worker does not say what it holds") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try store.expect(try await store.beat(.a).cancelRequested, equals: [claimed.record.id], "asked to cancel")
        },
        StoreCheck("beat", "a task that is over is no longer named") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            try await store.end(claimed, .cancelled, as: .cancelled)
            try store.expect(try await store.beat(.a).cancelRequested, equals: [], "asked to cancel")
        },
        StoreCheck("beat", "the deadline is not moved by it") { store in
            let claimed = try await store.start(NewTask(name: "t", timeout: .seconds(10)))
            for _ in 0..<3 {
                store.advance(.seconds(9))
                _ = try await store.beat(.a, held: [claimed.lease])
            }
            try store.expect(try await store.store.rescue(limit: 10).total, equals: 1, "rescued")
        },
    ]

    static let reportChecks: [StoreCheck] = [
        StoreCheck("report", "progress, metadata and checkpoint are written") { store in
            let claimed = try await store.start(NewTask(name: "t", metadata: ["kept": 1, "replaced": 1]))
            store.advance(.seconds(1))
            let progress = TaskProgress(processed: 2.5, total: 10, message: "reading")
            _ = try await store.beat(
                .a,
                TaskReport(
                    lease: claimed.lease,
                    progress: progress,
                    metadata: ["replaced": 2, "new": ["x"]],
                    checkpoint: JSONText(trusted: #"{"at":2}"#)
                )
            )
            let record = try await store.record(claimed.record.id)
            try store.expect(record.progress, equals: progress, "progress")
            try store.expect(record.metadata, equals: ["kept": 1, "replaced": 2, "new": ["x"]], "metadata")
            try store.expect(record.updatedAt, equals: store.now, "updatedAt")
            try store.expect(record.version > claimed.record.version, "the version grew", seen: record.version)
            try await store.end(claimed, .released, as: .queued)
            let again = try await store.claimAgain(record.id)
            try store.expect(again.checkpoint, equals: JSONText(trusted: #"{"at":2}"#), "checkpoint")
        },
        StoreCheck("report", "a checkpoint replaces the one before") { store in
            let claimed = try await store.start()
            for number in 1...3 {
                let checkpoint = JSONText(trusted: "\(number)")
                _ = try await store.beat(.a, TaskReport(lease: claimed.lease, checkpoint: checkpoint))
            }
            _ = try await store.beat(.a, TaskReport(lease: claimed.lease, metadata: ["no": "checkpoint"]))
            try await store.end(claimed, .released, as: .queued)
            let again = try await store.claimAgain(claimed.record.id)
            try store.expect(again.checkpoint, equals: JSONText(trusted: "3"), "checkpoint")
        },
        StoreCheck("report", "progress never goes back within an attempt") { store in
            let claimed = try await store.start()
            for (processed, expected) in [(5.0, 5.0), (3, 5), (0, 5), (6, 6), (100, 10)] {
                let progress = TaskProgress(processed: processed, total: 10)
                _ = try await store.beat(.a, TaskReport(lease: claimed.lease, progress: progress))
                let seen = try await store.record(claimed.record.id).progress.processed
                try store.expect(seen, equals: expected, "processed after reporting \(processed) of 10")
            }
        },
        StoreCheck("report", "a changed total starts a new scale on which the fraction does not go back") { store in
            let claimed = try await store.start()
            var expected = TaskProgress.none
            for (processed, total) in [(5.0, 10.0), (5, 100), (60, 100), (1, 4), (1, nil), (3, 6)] {
                let next = TaskProgress(processed: processed, total: total)
                _ = try await store.beat(.a, TaskReport(lease: claimed.lease, progress: next))
                expected = expected.advanced(to: next)
                let seen = try await store.record(claimed.record.id).progress
                try store.expect(seen, equals: expected, "progress after \(processed) of \(String(describing: total))")
            }
        },
        StoreCheck("report", "a stale lease's report changes nothing and is named as lost") { store in
            let first = try await store.start()
            try await store.end(first, .released, as: .queued)
            let second = try await store.claimAgain(first.record.id, by: .b)
            let reply = try await store.beat(
                .a,
                TaskReport(
                    lease: first.lease,
                    progress: TaskProgress(processed: 9, total: 10),
                    metadata: ["from": "a zombie"],
                    checkpoint: JSONText(trusted: "666")
                )
            )
            try store.expect(reply.lost, equals: [first.lease], "the lost leases")
            try store.expect(try await store.record(first.record.id), equals: second.record, "the record")
            try await store.end(second, .released, as: .queued)
            let third = try await store.claimAgain(first.record.id)
            try store.expect(third.checkpoint, equals: nil, "checkpoint")
        },
        StoreCheck("report", "a report on a finished task changes nothing") { store in
            let claimed = try await store.start()
            let done = try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
            let progress = TaskProgress(processed: 1)
            let reply = try await store.beat(.a, TaskReport(lease: claimed.lease, progress: progress))
            try store.expect(reply.lost, equals: [claimed.lease], "the lost leases")
            try store.expect(try await store.record(done.id), equals: done, "the record")
        },
        StoreCheck("report", "a report in another worker's name changes nothing") { store in
            let claimed = try await store.start(by: .a)
            var forged = claimed.lease
            forged.worker = .b
            let reply = try await store.beat(.b, TaskReport(lease: forged, metadata: ["x": 1]))
            try store.expect(reply.lost, equals: [forged], "the lost leases")
            try store.expect(try await store.record(claimed.record.id), equals: claimed.record, "the record")
        },
        StoreCheck("report", "good reports are written beside stale ones") { store in
            let good = try await store.start()
            let stale = try await store.start()
            try await store.end(stale, .done(result: .null, followUps: []), as: .done)
            let reply = try await store.beat(
                .a,
                TaskReport(lease: stale.lease, metadata: ["n": 1]),
                TaskReport(lease: good.lease, metadata: ["n": 2])
            )
            try store.expect(reply.lost, equals: [stale.lease], "the lost leases")
            try store.expect(try await store.record(good.record.id).metadata, equals: ["n": 2], "metadata")
        },
        StoreCheck("report", "a report that says nothing changes nothing") { store in
            let claimed = try await store.start()
            store.advance(.seconds(1))
            let reply = try await store.beat(.a, TaskReport(lease: claimed.lease))
            try store.expect(reply, equals: BeatReply(wasAlive: true), "the reply")
            try store.expect(try await store.record(claimed.record.id), equals: claimed.record, "the record")
        },
        StoreCheck("report", "one beat carries hundreds of reports") { store in
            try await store.add(400)
            let claimed = try await store.claim()
            let reports = claimed.enumerated().map { number, task in
                TaskReport(lease: task.lease, progress: TaskProgress(processed: Double(number), total: 400))
            }
            _ = try await store.store.beat(WorkerBeat(worker: .a, held: claimed.map(\.lease), reports: reports))
            let seen = try await store.store.tasks(claimed.map(\.record.id)).map { $0?.progress.processed }
            try store.expect(seen, equals: (0..<400).map(Double.init), "processed")
        },
        StoreCheck("report", "a task that was asked to stop can still report") { store in
            let claimed = try await store.start()
            _ = try await store.cancel(claimed.record.id)
            let reply = try await store.beat(
                .a,
                held: [claimed.lease],
                TaskReport(lease: claimed.lease, metadata: ["cleaning": true])
            )
            try store.expect(reply.lost, equals: [], "the lost leases")
            try store.expect(
                try await store.record(claimed.record.id).metadata,
                equals: ["cleaning": true],
                "metadata"
            )
        },
    ]
}
