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
}
