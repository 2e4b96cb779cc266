#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
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
}
