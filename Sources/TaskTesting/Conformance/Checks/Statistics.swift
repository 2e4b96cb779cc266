#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreProbe {
    /// Compares a store's statistics with those computed over all records; durations to the microsecond.
    func expectStatistics(_ query: StatisticsQuery, over records: [TaskRecord]) async throws {
        let seen = try await store.statistics(query)
        let expected = query.computed(over: records, at: now)
        try expect(seen.counts.filter { $0.value > 0 }, equals: expected.counts, "counts of \(query)")
        try expect(seen.days, equals: expected.days, "days of \(query)")
        try expect(seen.wait, isNear: expected.wait, "wait of \(query)")
        try expect(seen.duration, isNear: expected.duration, "duration of \(query)")
        let isNear = abs(seen.throughput - expected.throughput) <= 1e-9 + expected.throughput * 1e-9
        try expect(isNear, "throughput is \(expected.throughput)", seen: seen.throughput)
    }

    private func expect(
        _ seen: TaskStatistics.Spread?,
        isNear expected: TaskStatistics.Spread?,
        _ what: String
    ) throws {
        guard let seen, let expected else { return try expect(seen, equals: expected, what) }
        try expect(seen.count, equals: expected.count, "\(what), count")
        for (name, part) in [("average", \TaskStatistics.Spread.average), ("p50", \.p50), ("p95", \.p95)] {
            let isNear = abs(seen[keyPath: part] - expected[keyPath: part]) < 2e-6
            try expect(isNear, "\(what), \(name) is \(expected[keyPath: part])", seen: seen[keyPath: part])
        }
    }
}

extension StoreConformance {
    static let statisticsChecks: [StoreCheck] = [
        StoreCheck("statistics", "an empty store has none") { store in
            let seen = try await store.store.statistics(StatisticsQuery())
            try store.expect(seen.counts.filter { $0.value > 0 }, equals: [:], "counts")
            try store.expect(seen.days, equals: [], "days")
            try store.expect(seen.wait, equals: nil, "wait")
            try store.expect(seen.duration, equals: nil, "duration")
            try store.expect(seen.throughput, equals: 0, "throughput")
        },
        StoreCheck("statistics", "they are those of the records, of all tasks and of every filter") { store in
            let records = try await store.populate(120, seed: 6)
            let filters = [
                TaskFilter.all, TaskFilter(owner: "ada"), TaskFilter(statuses: [.failed]), TaskFilter(names: ["sync"]),
                TaskFilter(queues: ["mail"], metadata: ["kind": "photo"]), TaskFilter(owner: "nobody"),
            ]
            for filter in filters { try await store.expectStatistics(StatisticsQuery(filter), over: records) }
        },
        StoreCheck("statistics", "all but the counts look back as far as the window") { store in
            let records = try await store.populate(120, seed: 7)
            for seconds in [1, 10, 60, 100, 3600] {
                try await store.expectStatistics(StatisticsQuery(window: .seconds(seconds)), over: records)
            }
            store.advance(.seconds(60))
            try await store.expectStatistics(StatisticsQuery(window: .seconds(90)), over: records)
        },
        StoreCheck("statistics", "a day begins at midnight UTC") { store in
            store.clock.set(Date(timeIntervalSince1970: 20_000 * 86_400 - 0.000_001))
            var records = [try await store.make(.done)]
            store.advance(.microseconds(1))
            records.append(try await store.make(.failed))
            records.append(try await store.make(.cancelled))
            store.advance(.seconds(86_400))
            records.append(try await store.make(.done))
            let query = StatisticsQuery(window: .seconds(10 * 86_400))
            try await store.expectStatistics(query, over: records)
            let days = try await store.store.statistics(query).days
            let day = Date(timeIntervalSince1970: 20_000 * 86_400)
            let expected = [
                TaskStatistics.Day(start: day.addingTimeInterval(-86_400), done: 1),
                TaskStatistics.Day(start: day, failed: 1, cancelled: 1),
                TaskStatistics.Day(start: day.addingTimeInterval(86_400), done: 1),
            ]
            try store.expect(days, equals: expected, "days")
        },
        StoreCheck("statistics", "p50 and p95 are the nearest ranks, whatever the count") { store in
            var records: [TaskRecord] = []
            for number in 1...21 {
                let claimed = try await store.start()
                store.advance(.milliseconds(number * 100))
                records.append(try await store.end(claimed, .done(result: .null, followUps: []), as: .done))
                if [1, 2, 3, 19, 20, 21].contains(number) {
                    try await store.expectStatistics(StatisticsQuery(), over: records)
                }
            }
        },
        StoreCheck("statistics", "wait ends with the last attempt's start, and cancelled tasks have none") { store in
            let task = try await store.add()
            store.advance(.seconds(2))
            let first = try await store.claimAgain(task.id)
            try await store.end(first, .failed(.boom, retryAfter: .seconds(5)), as: .queued)
            store.advance(.seconds(5))
            let second = try await store.claimAgain(task.id)
            store.advance(.seconds(3))
            try await store.end(second, .done(result: .null, followUps: []), as: .done)
            let other = try await store.start()
            try await store.end(other, .cancelled, as: .cancelled)
            let seen = try await store.store.statistics(StatisticsQuery())
            let wait = TaskStatistics.Spread(count: 1, average: 7, p50: 7, p95: 7)
            let duration = TaskStatistics.Spread(count: 1, average: 3, p50: 3, p95: 3)
            try store.expect(seen.wait, equals: wait, "wait")
            try store.expect(seen.duration, equals: duration, "duration")
        },
        StoreCheck("statistics", "a task that somebody retried is not finished any more") { store in
            let failed = try await store.make(.failed)
            _ = try await store.retry(failed.id)
            try await store.expectStatistics(StatisticsQuery(), over: [try await store.record(failed.id)])
        },
    ]
}
