#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let lifeChecks: [StoreCheck] = [
        StoreCheck("life", "migrating again changes nothing") { store in
            let claimed = try await store.start(NewTask(name: "t", owner: "ada", uniqueKey: "u"))
            for _ in 0..<2 { try await store.store.migrate() }
            try store.expect(try await store.record(claimed.record.id), equals: claimed.record, "the record")
            try await store.end(claimed, .done(result: .null, followUps: []), as: .done)
        },
        StoreCheck("life", "migrating many times at once is safe") { store in
            _ = try await race(8) { _ in try await store.store.migrate() }
            try await store.add()
        },
        StoreCheck("life", "a closed store refuses every call with storeUnavailable") { store in
            let claimed = try await store.start()
            await store.store.close()
            for (name, call) in everyCall(claimed) {
                do {
                    try await call(store.store)
                } catch let error as TaskError {
                    try store.expect(error.code, equals: .storeUnavailable, "the code that \(name) throws")
                    continue
                }
                throw store.failure("calling \(name)", expected: "an error", seen: "an answer")
            }
        },
        StoreCheck("life", "closing twice is harmless") { store in
            try await store.add()
            await store.store.close()
            await store.store.close()
        },
        StoreCheck("life", "closing while calls are under way answers or refuses each of them") { store in
            for answer in try await race(
                20,
                { number -> Result<Bool, any Error> in
                    do {
                        if number == 10 {
                            await store.store.close()
                            return .success(true)
                        }
                        return .success(try await store.enqueue(.plain).first?.insertedID != nil)
                    } catch {
                        return .failure(error)
                    }
                }
            ) {
                switch answer {
                case .success(let isStored):
                    try store.expect(isStored, "an answered call did its work", seen: answer)
                case .failure(let error):
                    let code = (error as? TaskError)?.code
                    try store.expect(code, equals: .storeUnavailable, "the code of a refused call")
                }
            }
        },
        StoreCheck("life", "a beat gets through while handlers block every thread of Swift's pool") { store in
            let claimed = try await store.start()
            let beat = WorkerBeat(worker: .a, held: [claimed.lease])
            let gotThrough = await BlockedPool.run { _ = try await store.store.beat(beat) }
            try store.expect(gotThrough, "the beat was answered while the pool was blocked", seen: "no answer")
        },
        StoreCheck("life", "an acknowledged task can be read at once by everyone") { store in
            let found = try await race(30) { number in
                let task = NewTask(name: "t\(number)")
                _ = try await store.enqueue(task)
                let byID = try await store.store.tasks([task.id])
                let byName = try await store.store.list(TaskQuery(TaskFilter(names: [task.name])))
                return byID.first??.id == task.id && byName.records.map(\.id) == [task.id]
            }
            try store.expect(found, equals: Array(repeating: true, count: 30), "found by id and by name")
        },
    ]

    /// A call of every throwing method.
    private static func everyCall(
        _ claimed: ClaimedTask
    ) -> [(name: String, call: @Sendable (any TaskStore) async throws -> Void)] {
        let id = claimed.record.id
        return [
            ("enqueue", { _ = try await $0.enqueue([EnqueueRequest(.plain)]) }),
            ("claim", { _ = try await $0.claim(ClaimRequest(worker: .a, queues: [.init("default", limit: 1)])) }),
            ("beat", { _ = try await $0.beat(WorkerBeat(worker: .a)) }),
            ("finish", { _ = try await $0.finish([Finish(lease: claimed.lease, outcome: .released)]) }),
            ("retire", { try await $0.retire(.a) }),
            ("rescue", { _ = try await $0.rescue(limit: 1) }),
            ("cancel", { _ = try await $0.cancel(.ids([id]), limit: 1) }),
            ("retry", { _ = try await $0.retry(.ids([id]), changes: .none, limit: 1) }),
            ("update", { _ = try await $0.update(id, changes: .none, expectedVersion: nil) }),
            ("setPaused", { try await $0.setPaused(true, queue: "default") }),
            ("prune", { _ = try await $0.prune(.finished(olderThan: .zero), limit: 1) }),
            ("tasks", { _ = try await $0.tasks([id]) }),
            ("list", { _ = try await $0.list(TaskQuery()) }),
            ("statistics", { _ = try await $0.statistics(StatisticsQuery()) }),
            ("attempts", { _ = try await $0.attempts(of: id) }),
            ("queues", { _ = try await $0.queues() }),
            ("workers", { _ = try await $0.workers() }),
            ("changes", { _ = try await $0.changes(since: nil, limit: 1) }),
        ]
    }
}
