#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let listChecks: [StoreCheck] = [
        StoreCheck("list", "newest or oldest first by createdAt, then by id") { store in
            let records = try await store.populate(60, seed: 1)
            try await store.expectLists([.all], select: records)
        },
        StoreCheck("list", "pages of any size hold every task once") { store in
            let records = try await store.populate(50, seed: 2)
            for limit in [1, 3, 7, 49, 50, 51, 1000] {
                let seen = try await store.walk(TaskQuery(order: .oldestFirst, limit: limit))
                let expected = TaskQuery(order: .oldestFirst, limit: 1000).page(of: records).records
                try store.expect(seen.map(\.id), equals: expected.map(\.id), "the ids by pages of \(limit)")
            }
        },
        StoreCheck("list", "the last page says so, also when it is full") { store in
            try await store.add(6)
            let first = try await store.store.list(TaskQuery(limit: 3))
            let last = try await store.store.list(TaskQuery(limit: 3, cursor: first.next))
            try store.expect(first.next != nil, "the first page names the next", seen: first.records.count)
            try store.expect(last.records.count, equals: 3, "records of the last page")
            try store.expect(last.next, equals: nil, "the place after the last page")
            try store.expect(try await store.store.list(TaskQuery(limit: 6)).next, equals: nil, "after all in one page")
        },
        StoreCheck("list", "an empty store and a filter without match give an empty last page") { store in
            try store.expect(
                try await store.store.list(TaskQuery()),
                equals: TaskPage(records: []),
                "of an empty store"
            )
            try await store.add()
            let page = try await store.store.list(TaskQuery(TaskFilter(owner: "nobody")))
            try store.expect(page, equals: TaskPage(records: []), "without match")
        },
        StoreCheck("list", "the limit is brought into 1…1000") { store in
            try await store.add(1001)
            for (limit, expected) in [(0, 1), (-7, 1), (1000, 1000), (5000, 1000), (.max, 1000)] {
                let count = try await store.store.list(TaskQuery(limit: limit)).records.count
                try store.expect(count, equals: expected, "records for a limit of \(limit)")
            }
        },
        StoreCheck("list", "tasks stored or deleted meanwhile make no other appear twice or be left out") { store in
            for order in [TaskQuery.Order.newestFirst, .oldestFirst] {
                let name = "kept-\(order)"
                let kept = try await store.add(30) { _ in NewTask(name: name, queue: name) }
                var seen: [TaskID] = []
                var query = TaskQuery(order: order, limit: 7)
                repeat {
                    let page = try await store.store.list(query)
                    seen += page.records.filter { $0.name == name }.map(\.id)
                    query.cursor = page.next
                    // One comes before and one behind the cursor, one of the page's neighbours goes.
                    store.advance(.microseconds(1))
                    _ = try await store.make(.cancelled)
                    store.advance(.seconds(-2))
                    try await store.add(NewTask(name: "older", queue: "older"))
                    store.advance(.seconds(2))
                    _ = try await store.store.prune(.finished(olderThan: .zero), limit: 1)
                } while query.cursor != nil && seen.count < 1000
                try store.expect(seen.count, equals: 30, "tasks seen, \(order)")
                try store.expect(Set(seen), equals: Set(kept.map(\.id)), "the tasks seen, \(order)")
            }
        },
        StoreCheck("list", "a cursor goes on where its task was, also when that task is gone") { store in
            for _ in 0..<6 {
                _ = try await store.make(.done)
                store.advance(.seconds(1))
            }
            let all = try await store.walk(TaskQuery(order: .oldestFirst))
            let page = try await store.store.list(TaskQuery(order: .oldestFirst, limit: 3))
            _ = try await store.store.prune(.finished(olderThan: .seconds(1)), limit: 4)
            let rest = try await store.walk(TaskQuery(order: .oldestFirst, cursor: page.next))
            try store.expect(rest.map(\.id), equals: all.suffix(2).map(\.id), "what comes after")
        },
        StoreCheck("list", "a cursor that was written down and read again goes on at the same place") { store in
            let records = try await store.populate(20, seed: 3)
            var query = TaskQuery(limit: 6)
            var seen: [TaskRecord] = []
            repeat {
                let page = try await store.store.list(query)
                seen += page.records
                query.cursor = page.next.flatMap { TaskCursor($0.description) }
            } while query.cursor != nil && seen.count < 100
            try store.expect(
                seen.map(\.id),
                equals: TaskQuery(limit: 50).page(of: records).records.map(\.id),
                "the ids"
            )
        },
        StoreCheck("list", "tasks(_:) answers in order, nil where there is none, and doubles where asked") { store in
            let (a, b) = (try await store.add(), try await store.add())
            let answers = try await store.store.tasks([b.id, TaskID(), a.id, b.id])
            try store.expect(answers, equals: [b, nil, a, b], "the records")
            try store.expect(try await store.store.tasks([]), equals: [], "the records of no ids")
        },
        StoreCheck("list", "tasks(_:) answers for a thousand ids at once") { store in
            let records = try await store.add(1000)
            try store.expect(
                try await store.store.tasks(records.map(\.id)).compactMap { $0 } == records,
                "all are answered, in order",
                seen: "others"
            )
        },
    ]

    static let filterChecks: [StoreCheck] = [
        filterCheck("status") { _ in
            TaskStatus.allCases.map { TaskFilter(statuses: [$0]) }
                + [TaskFilter(statuses: [.queued, .done, .failed]), TaskFilter(statuses: [])]
        },
        filterCheck("name") { _ in
            [TaskFilter(names: ["resize"]), TaskFilter(names: ["probe", "sync", "none"]), TaskFilter(names: [])]
        },
        filterCheck("queue") { _ in
            [TaskFilter(queues: ["media"]), TaskFilter(queues: ["mail", "default", "x"]), TaskFilter(queues: [])]
        },
        filterCheck("owner") { _ in
            [TaskFilter(owner: "ada"), TaskFilter(owner: "nobody"), TaskFilter(owner: "")]
        },
        filterCheck("parent") { _ in
            [TaskFilter(parent: TaskID(high: 7, low: 1)), TaskFilter(parent: TaskID(high: 7, low: 9))]
        },
        filterCheck("metadata") { _ in
            [
                TaskFilter(metadata: ["kind": "photo"]), TaskFilter(metadata: ["kind": "photo", "size": 3]),
                TaskFilter(metadata: ["size": 4]), TaskFilter(metadata: ["kind": nil]),
            ]
        },
        filterCheck("createdAt, from the lower bound on and before the upper") { records in
            ranges(records.map(\.createdAt)).map { TaskFilter(created: $0) }
        },
        filterCheck("updatedAt, from the lower bound on and before the upper") { records in
            ranges(records.map(\.updatedAt)).map { TaskFilter(updated: $0) }
        },
        filterCheck("finishedAt, from the lower bound on and before the upper") { records in
            ranges(records.compactMap(\.finishedAt)).map { TaskFilter(finished: $0) }
        },
        filterCheck("several parts, of which every one must hold") { records in
            var random = SplitMix64(seed: 99)
            return (0..<40).map { _ in
                func maybe<Value>(_ value: Value) -> Value? { Int.random(in: 0..<3, using: &random) == 0 ? value : nil }
                return TaskFilter(
                    statuses: maybe([.queued, .done, .failed, .cancelled]),
                    names: maybe(["resize", "sync"]),
                    queues: maybe(["default", "media"]),
                    owner: maybe("ada"),
                    parent: maybe(TaskID(high: 7, low: 2)),
                    metadata: maybe(["kind": "photo"]) ?? [:],
                    created: maybe(ranges(records.map(\.createdAt))[0]),
                    updated: maybe(ranges(records.map(\.updatedAt))[1]),
                    finished: maybe(ranges(records.compactMap(\.finishedAt))[0])
                )
            }
        },
        StoreCheck("filter", "metadata values are equal only when their types are") { store in
            let values: [JSONValue] = [
                nil, true, false, 1, 0, 1.5, "1", "true", "null", "", [], [:], [1], ["1"], [[1]],
                ["a": 1, "b": nil], ["b": nil, "a": 1], ["a": 1], 9_007_199_254_740_993, 9_007_199_254_740_992,
                -1, "Ä", "ä", "a%", "a_", "ab",
            ]
            var records = [try await store.add()]
            records += try await store.add(values.count) { NewTask(name: "t", metadata: ["v": values[$0]]) }
            try await store.expectLists(values.map { TaskFilter(metadata: ["v": $0]) }, select: records)
        },
        StoreCheck("filter", "metadata keys may hold any character") { store in
            let keys = ["a.b", "a\"b", "a'b", "$", "$.a", "a[0]", " ", "", "ключ", "👍", "a\\b", "a/b", "*", "a:b"]
            let records = try await store.add(keys.count) {
                NewTask(name: "t", metadata: [keys[$0]: 1, "a": ["b": 2]])
            }
            try await store.expectLists(keys.map { TaskFilter(metadata: [$0: 1]) }, select: records)
            try await store.expectLists([TaskFilter(metadata: ["a.b": 2])], select: records)
        },
        StoreCheck("filter", "texts are taken literally, never as patterns or as part of a query") { store in
            let texts = ["a", "%", "_", "' OR 1=1 --", "\"", "\\", "a%", "A", "*", "?1", "$1", "{}"]
            let records = try await store.add(texts.count) {
                NewTask(name: texts[$0], queue: texts[$0], owner: texts[$0])
            }
            let filters = texts.flatMap { text in
                [TaskFilter(names: [text]), TaskFilter(queues: [text]), TaskFilter(owner: text)]
            }
            try await store.expectLists(filters, select: records)
        },
        StoreCheck("filter", "cancelling by filter takes exactly what it selects of the active tasks") { store in
            let records = try await store.populate(80, seed: 5)
            let filter = TaskFilter(names: ["resize", "probe"], owner: "ada", metadata: ["kind": "photo"])
            let results = try await store.store.cancel(.matching(filter), limit: 1000)
            let expected = records.filter { filter.matches($0) && $0.isActive }.map(\.id).sorted()
            try store.expect(results.map(\.id).sorted(), equals: expected, "the cancelled tasks")
        },
    ]

    private static func filterCheck(
        _ part: String,
        _ filters: @escaping @Sendable ([TaskRecord]) -> [TaskFilter]
    ) -> StoreCheck {
        StoreCheck("filter", "selects by \(part)") { store in
            let records = try await store.populate(100, seed: 4)
            try await store.expectLists(filters(records), select: records)
        }
    }

    /// Ranges whose bounds are dates that occur: where a bound is wrongly in or out, a task is too many or missing.
    private static func ranges(_ dates: [Date]) -> [Range<Date>] {
        let sorted = Set(dates).sorted()
        let (first, last) = (sorted[0], sorted[sorted.count - 1])
        let (a, b) = (sorted[sorted.count / 3], sorted[2 * sorted.count / 3])
        return [a..<b, first..<b, a..<last, a..<a, last..<last.addingTimeInterval(1)]
    }
}
