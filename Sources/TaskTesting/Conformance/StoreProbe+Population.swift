#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// Many tasks of every kind, for checks of lists and statistics.
extension StoreProbe {
    static let names = ["resize", "probe", "sync"]
    static let queues = ["default", "media", "mail"]
    static let owners = ["ada", "bob", nil]
    static let facts: [TaskMetadata] = [[:], ["kind": "photo"], ["kind": "video"], ["kind": "photo", "size": 3]]

    /// Stores tasks of random names, queues, owners, parents, metadata, times and fates; answers their records, oldest first.
    ///
    /// Several are stored at the same moment, and their ids do not grow with the time they were stored.
    func populate(_ count: Int, seed: UInt64) async throws -> [TaskRecord] {
        var random = SplitMix64(seed: seed)
        let parents = [nil, TaskID(high: 7, low: 1), TaskID(high: 7, low: 2)]
        var ids: [TaskID] = []
        for number in 0..<count {
            advance(.microseconds(Int64.random(in: 0...2, using: &random) * 700_001))
            let task = NewTask(
                id: TaskID(high: random.next(), low: UInt64(number)),
                name: Self.names.randomElement(using: &random) ?? "",
                queue: Self.queues.randomElement(using: &random) ?? "",
                priority: Int.random(in: -2...2, using: &random),
                metadata: Self.facts.randomElement(using: &random) ?? [:],
                owner: Self.owners.randomElement(using: &random) ?? nil,
                parent: parents.randomElement(using: &random) ?? nil
            )
            ids.append(task.id)
            try await live(task, until: TaskStatus.allCases.randomElement(using: &random) ?? .queued, using: &random)
        }
        return try await store.tasks(ids).enumerated().map { number, record in
            try require(record, "the record of stored task \(number)")
        }
    }

    private func live(_ task: NewTask, until fate: TaskStatus, using random: inout SplitMix64) async throws {
        let waits = Bool.random(using: &random)
        if waits || fate == .queued { _ = try await store.enqueue([EnqueueRequest(task)]) }
        if fate == .queued { return }
        if waits && fate == .cancelled {
            _ = try await store.cancel(.ids([task.id]), limit: 1)
            return
        }
        var lease = Lease(task: task.id, fence: 1, worker: .a)
        if waits {
            advance(.microseconds(Int64.random(in: 1...3_000_000, using: &random)))
            lease = try await take(task)
        } else {
            _ = try await store.enqueue([EnqueueRequest(task, claimedBy: .a)])
        }
        advance(.microseconds(Int64.random(in: 0...5_000_000, using: &random)))
        switch fate {
        case .queued, .running: break
        case .done: _ = try await finish(lease, .done(result: .null, followUps: []))
        case .failed: _ = try await finish(lease, .failed(.boom, retryAfter: nil))
        case .cancelled: _ = try await finish(lease, .cancelled)
        }
    }

    /// Claims one task out of a queue that holds others, and gives those back.
    private func take(_ task: NewTask) async throws -> Lease {
        let claimed = try await claim(limit: 1000, from: [task.queue])
        let others = claimed.filter { $0.record.id != task.id }
        _ = try await store.finish(others.map { Finish(lease: $0.lease, outcome: .released) })
        return try require(claimed.first { $0.record.id == task.id }, "the task to be claimed").lease
    }

    /// All records that a query selects, page by page.
    func walk(_ query: TaskQuery) async throws -> [TaskRecord] {
        var query = query
        var records: [TaskRecord] = []
        for _ in 0..<10_000 {
            let page = try await store.list(query)
            records += page.records
            guard let next = page.next else { return records }
            query.cursor = next
        }
        throw failure("a list", expected: "an end", seen: "10 000 pages")
    }

    /// Compares the lists of some filters, in both orders, with what ``TaskFilter/matches(_:)`` selects.
    func expectLists(_ filters: [TaskFilter], select records: [TaskRecord]) async throws {
        for filter in filters {
            for order in [TaskQuery.Order.newestFirst, .oldestFirst] {
                let query = TaskQuery(filter, order: order, limit: 1000)
                let expected = query.page(of: records).records
                let seen = try await walk(TaskQuery(filter, order: order, limit: 17))
                try expect(seen.map(\.id), equals: expected.map(\.id), "the ids that \(filter) selects, \(order)")
                try expect(seen == expected, "the records in a list are those that tasks(_:) answers", seen: filter)
            }
        }
    }
}
