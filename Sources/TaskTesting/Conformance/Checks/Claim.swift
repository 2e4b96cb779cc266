#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let claimChecks: [StoreCheck] = [
        StoreCheck("claim", "an empty store and an unknown queue give nothing") { store in
            try await store.add()
            let reply = try await store.store.claim(ClaimRequest(worker: .a, queues: [.init("nowhere", limit: 5)]))
            try store.expect(reply, equals: ClaimReply(tasks: []), "the reply")
        },
        StoreCheck("claim", "a claimed task is running, with its attempt counted and its start noted") { store in
            let queued = try await store.add(NewTask(name: "t", maxAttempts: 3, owner: "ada"))
            store.advance(.seconds(3))
            let claimed = try await store.claimAgain(queued.id)
            var expected = queued
            expected.status = .running
            expected.attempts = 1
            expected.fence = 1
            expected.startedAt = store.now
            expected.updatedAt = store.now
            expected.worker = .a
            expected.version = queued.version + 1
            try store.expect(claimed, equals: ClaimedTask(record: expected), "what was claimed")
            try store.expect(try await store.record(queued.id), equals: expected, "the stored record")
        },
        StoreCheck("claim", "a running task is not claimed again") { store in
            _ = try await store.start()
            try store.expect(try await store.claim(by: .b).count, equals: 0, "claimed by another worker")
            try store.expect(try await store.claim(by: .a).count, equals: 0, "claimed by the same worker")
        },
        StoreCheck("claim", "a finished task is not claimed") { store in
            for status in [TaskStatus.done, .failed, .cancelled] { _ = try await store.make(status) }
            try store.expect(try await store.claim().count, equals: 0, "claimed")
        },
        StoreCheck("claim", "per queue at most its limit") { store in
            try await store.add(20) { NewTask(name: "t", queue: $0 % 2 == 0 ? "a" : "b") }
            let request = ClaimRequest(worker: .a, queues: [.init("a", limit: 3), .init("b", limit: 4)])
            let claimed = try await store.store.claim(request).tasks
            try store.expect(claimed.count { $0.record.queue == "a" }, equals: 3, "claimed of queue a")
            try store.expect(claimed.count { $0.record.queue == "b" }, equals: 4, "claimed of queue b")
        },
        StoreCheck("claim", "a limit of 0 or less claims nothing") { store in
            try await store.add(3)
            let request = ClaimRequest(worker: .a, queues: [.init("default", limit: 0), .init("default", limit: -5)])
            try store.expect(try await store.store.claim(request).tasks.count, equals: 0, "claimed")
        },
        StoreCheck("claim", "a paused queue gives nothing while others do, and gives again when let go") { store in
            try await store.add(NewTask(name: "t", queue: "a"))
            try await store.add(NewTask(name: "t", queue: "b"))
            try await store.store.setPaused(true, queue: "a")
            let first = try await store.claim(from: ["a", "b"])
            try store.expect(first.map(\.record.queue), equals: ["b"], "the queues claimed from")
            try await store.store.setPaused(false, queue: "a")
            let second = try await store.claim(from: ["a", "b"])
            try store.expect(second.map(\.record.queue), equals: ["a"], "the queues claimed from when let go")
        },
        StoreCheck("claim", "a delayed task is not claimed before its time and is at that moment") { store in
            let task = try await store.add(NewTask(name: "t", runAt: store.now.addingTimeInterval(10)))
            store.clock.set(task.runAt - .microseconds(1))
            try store.expect(try await store.claim().count, equals: 0, "claimed a microsecond early")
            store.clock.set(task.runAt)
            try store.expect(try await store.claim().map(\.record.id), equals: [task.id], "claimed in time")
        },
        StoreCheck("claim", "nextRunAt is the earliest later runAt of the asked queues") { store in
            try await store.add(3) {
                NewTask(name: "t", queue: "a", runAt: store.now.addingTimeInterval([30, 10, 20][$0]))
            }
            try await store.add(NewTask(name: "t", queue: "b", runAt: store.now.addingTimeInterval(5)))
            try await store.add(NewTask(name: "t", queue: "a"))
            try store.expect(
                try await store.nextRunAt(of: ["a"]),
                equals: store.now.addingTimeInterval(10),
                "of queue a"
            )
            try store.expect(
                try await store.nextRunAt(of: ["a", "b"]),
                equals: store.now.addingTimeInterval(5),
                "of both"
            )
            try store.expect(try await store.nextRunAt(of: ["c"]), equals: nil, "of a queue without tasks")
        },
        StoreCheck("claim", "nextRunAt is nil when nothing waits for its time, also when ready tasks are left") {
            store in
            try await store.add(2)
            let reply = try await store.store.claim(ClaimRequest(worker: .a, queues: [.init("default", limit: 1)]))
            try store.expect(reply.nextRunAt, equals: nil, "nextRunAt")
        },
        StoreCheck("claim", "nextRunAt leaves paused queues out") { store in
            try await store.add(NewTask(name: "t", runAt: store.now.addingTimeInterval(5)))
            try await store.store.setPaused(true, queue: "default")
            let reply = try await store.store.claim(ClaimRequest(worker: .a, queues: [.init("default", limit: 1)]))
            try store.expect(reply.nextRunAt, equals: nil, "nextRunAt")
        },
        StoreCheck("claim", "nextRunAt knows of a task that waits to be retried") { store in
            let claimed = try await store.start()
            try await store.end(claimed, .failed(.boom, retryAfter: .seconds(7)), as: .queued)
            let reply = try await store.store.claim(ClaimRequest(worker: .a, queues: [.init("default", limit: 1)]))
            try store.expect(reply, equals: ClaimReply(tasks: [], nextRunAt: store.now.addingTimeInterval(7)), "reply")
        },
        StoreCheck("claim", "claiming resets progress and keeps checkpoint, metadata and error") { store in
            let first = try await store.start()
            let report = TaskReport(
                lease: first.lease,
                progress: TaskProgress(processed: 5, total: 10, message: "half"),
                metadata: ["seen": true],
                checkpoint: JSONText(trusted: "5")
            )
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued, report: report)
            let second = try await store.claimAgain(first.record.id)
            try store.expect(second.record.progress, equals: .none, "progress")
            try store.expect(second.checkpoint, equals: JSONText(trusted: "5"), "checkpoint")
            try store.expect(second.record.metadata, equals: ["seen": true], "metadata")
            try store.expect(second.record.error, equals: .boom, "error")
        },
        StoreCheck("claim", "until it is claimed again, a task keeps its last attempt's progress, start and worker") {
            store in
            let first = try await store.start()
            let progress = TaskProgress(processed: 5, total: 10)
            let report = TaskReport(lease: first.lease, progress: progress)
            store.advance(.seconds(2))
            let waiting = try await store.end(first, .released, as: .queued, report: report)
            try store.expect(waiting.progress, equals: progress, "progress")
            try store.expect(waiting.startedAt, equals: first.record.startedAt, "startedAt")
            try store.expect(waiting.worker, equals: .a, "worker")
        },
        StoreCheck("claim", "the fence grows at every claim") { store in
            var claimed = try await store.start()
            for fence in 1...5 {
                try store.expect(claimed.record.fence, equals: Int64(fence), "the fence of claim \(fence)")
                try await store.end(claimed, .released, as: .queued)
                claimed = try await store.claimAgain(claimed.record.id, by: fence % 2 == 0 ? .a : .b)
            }
        },
        StoreCheck("claim", "sixteen workers at once claim each of 400 tasks exactly once") { store in
            let ids = Set(try await store.add(400).map(\.id))
            let claimed = try await race(16) { number in
                var mine: [ClaimedTask] = []
                let worker = WorkerID(rawValue: "worker-\(number)")
                for _ in 0..<500 {
                    let batch = try await store.claim(by: worker, limit: 7)
                    if batch.isEmpty { break }
                    mine += batch
                }
                return mine
            }
            let all = claimed.flatMap { $0 }
            try store.expect(all.count, equals: 400, "claims")
            try store.expect(Set(all.map(\.record.id)), equals: ids, "the claimed tasks")
            try store.expect(all.allSatisfy { $0.record.fence == 1 }, "every fence is 1", seen: all.map(\.record.fence))
            for (number, batch) in claimed.enumerated() {
                let workers = Set(batch.map(\.record.worker?.rawValue))
                try store.expect(workers.isSubset(of: ["worker-\(number)"]), "each got its own", seen: workers)
            }
        },
        StoreCheck("claim", "workers that claim at once never exceed their limits") { store in
            try await store.add(100)
            let counts = try await race(16) { number in
                try await store.claim(by: WorkerID(rawValue: "w\(number)"), limit: 5).count
            }
            try store.expect(counts.allSatisfy { $0 <= 5 }, "at most 5 each", seen: counts)
        },
        StoreCheck("claim", "claiming renews the worker's lease, also when it gets nothing") { store in
            let claimed = try await store.start()
            store.advance(.seconds(15))
            _ = try await store.claim()
            store.advance(.seconds(15))
            try store.expect(try await store.store.rescue(limit: 10), equals: RescueReport(), "what a sweep did")
            try store.expect(try await store.record(claimed.record.id).status, equals: .running, "the status")
        },
    ]

    static let claimOrderChecks: [StoreCheck] = [
        StoreCheck("claim order", "the highest priority comes first, within one the first enqueued") { store in
            let priorities = [0, 5, -3, 5, 0, 9, -3, 0]
            let records = try await store.add(priorities.count) {
                NewTask(name: "\($0)", priority: priorities[$0])
            }
            let expected = [5, 1, 3, 0, 4, 7, 2, 6].map { records[$0].name }
            try store.expect(try await store.claim().map(\.record.name), equals: expected, "the order")
        },
        StoreCheck("claim order", "it is the order of enqueueing, whatever the ids say") { store in
            let ids = Array((0..<6).map { _ in TaskID() }.reversed())
            for id in ids { try await store.add(NewTask(id: id, name: "t")) }
            try store.expect(try await store.claim().map(\.record.id), equals: ids, "the order")
        },
        StoreCheck("claim order", "a backlog is drained in order over many claims") { store in
            let records = try await store.add(500) { NewTask(name: "\($0)", priority: $0 % 3) }
            let expected = records.sorted {
                ($1.priority, $0.name.count, $0.name) < ($0.priority, $1.name.count, $1.name)
            }
            var order: [String] = []
            for _ in 0..<500 {
                let batch = try await store.claim(limit: 33)
                if batch.isEmpty { break }
                order += batch.map(\.record.name)
            }
            try store.expect(order, equals: expected.map(\.name), "the order")
        },
        StoreCheck("claim order", "queues are looked at in the order asked") { store in
            for queue in ["a", "b", "c"] {
                try await store.add(2) { NewTask(name: "\(queue)\($0)", queue: queue, priority: queue == "b" ? 9 : 0) }
            }
            let names = try await store.claim(from: ["c", "a", "b"]).map(\.record.name)
            try store.expect(names, equals: ["c0", "c1", "a0", "a1", "b0", "b1"], "the order")
        },
        StoreCheck("claim order", "a task that became due takes the place it was enqueued at") { store in
            let delayed = try await store.add(NewTask(name: "t", runAt: store.now.addingTimeInterval(5)))
            let ready = try await store.add()
            store.advance(.seconds(5))
            try store.expect(try await store.claim().map(\.record.id), equals: [delayed.id, ready.id], "the order")
        },
        StoreCheck("claim order", "an attempt that is over gives the task its old place back") { store in
            let first = try await store.start()
            let second = try await store.start()
            let third = try await store.add()
            try await store.end(second, .released, as: .queued)
            try await store.end(first, .failed(.boom, retryAfter: .zero), as: .queued)
            let order = try await store.claim().map(\.record.id)
            try store.expect(order, equals: [first.record.id, second.record.id, third.id], "the order")
        },
        StoreCheck("claim order", "a rescued task has its old place back") { store in
            let first = try await store.start()
            store.advance(.seconds(21))
            let second = try await store.add()
            _ = try await store.store.rescue(limit: 10)
            let order = try await store.claim(by: .b).map(\.record.id)
            try store.expect(order, equals: [first.record.id, second.id], "the order")
        },
        StoreCheck("claim order", "a task that somebody retried goes to the end of its priority") { store in
            let failed = try await store.make(.failed)
            let waiting = try await store.add()
            let lower = try await store.add(NewTask(name: "low", priority: -1))
            _ = try await store.retry(failed.id)
            let order = try await store.claim().map(\.record.id)
            try store.expect(order, equals: [waiting.id, failed.id, lower.id], "the order")
        },
        StoreCheck("claim order", "an edited priority counts at once") { store in
            let first = try await store.add()
            let second = try await store.add()
            _ = try await store.update(second.id, TaskChanges(priority: 1))
            try store.expect(try await store.claim().map(\.record.id), equals: [second.id, first.id], "the order")
        },
        StoreCheck("claim order", "priorities go from -32768 to 32767") { store in
            let priorities = [-32768, 32767, 0, -1, 1]
            try await store.add(5) { NewTask(name: "t", priority: priorities[$0]) }
            let order = try await store.claim().map(\.record.priority)
            try store.expect(order, equals: [32767, 1, 0, -1, -32768], "the order")
        },
    ]
}
