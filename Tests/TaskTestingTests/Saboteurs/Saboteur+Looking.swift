import TaskCore
import TaskTesting

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Saboteur {
    static let looking = [
        Saboteur("keeps time in milliseconds", topic: "values", caughtBy: "dates are whole microseconds") {
            RoundsDates(base: $0)
        },
        Saboteur("lists whatever the owner", topic: "filter", caughtBy: "selects by owner") {
            EditsLists(base: $0) { $0.filter.owner = nil }
        },
        Saboteur("takes a null member for a missing one", topic: "filter", caughtBy: "only when their types are") {
            EditsLists(base: $0) { query in
                for (key, value) in query.filter.metadata.values where value == .null {
                    query.filter.metadata[key] = nil
                }
            }
        },
        Saboteur("leaves the first of a range out", topic: "filter", caughtBy: "selects by createdAt") {
            EditsLists(base: $0) { query in
                query.filter.created = query.filter.created.map { range in
                    min(range.lowerBound.addingTimeInterval(0.000_002), range.upperBound)..<range.upperBound
                }
            }
        },
        Saboteur("begins a page with the end of the last", topic: "list", caughtBy: "hold every task once") {
            RepeatsRecords(base: $0)
        },
        Saboteur("lists the oldest first, always", topic: "list", caughtBy: "newest or oldest first") {
            EditsLists(base: $0) { $0.order = .oldestFirst }
        },
        Saboteur("takes the mean for the median", topic: "statistics", caughtBy: "nearest ranks") {
            EditsStatistics(base: $0) { statistics in
                let mean = statistics.duration?.average ?? 0
                statistics.duration?.p50 = mean
            }
        },
        Saboteur("counts over the window only", topic: "statistics", caughtBy: "look back as far as the window") {
            EditsStatistics(base: $0) { $0.counts[.done] = $0.days.map(\.done).reduce(0, +) }
        },
        Saboteur("keeps only the last attempt", topic: "attempts", caughtBy: "a long life is kept complete") {
            EditsAttempts(base: $0) { Array($0.suffix(1)) }
        },
        Saboteur("does not list the running attempt", topic: "attempts", caughtBy: "the running one is listed") {
            EditsAttempts(base: $0) { $0.filter { $0.outcome != nil } }
        },
    ]
}

struct RoundsDates: StoreWrapper {
    let base: any TaskStore

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await base.tasks(ids).map { record in
            guard var record else { return nil }
            record.runAt = Date(
                timeIntervalSince1970: (record.runAt.timeIntervalSince1970 * 1000).rounded(.down) / 1000
            )
            return record
        }
    }
}

struct EditsLists: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout TaskQuery) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout TaskQuery) -> Void) {
        self.base = base
        self.edit = edit
    }

    func list(_ query: TaskQuery) async throws -> TaskPage {
        var query = query
        edit(&query)
        return try await base.list(query)
    }
}

struct RepeatsRecords: StoreWrapper {
    let base: any TaskStore

    func list(_ query: TaskQuery) async throws -> TaskPage {
        var page = try await base.list(query)
        if let cursor = query.cursor, page.records.count < query.clampedLimit,
            let last = try await base.tasks([cursor.id])[0]
        {
            page.records.insert(last, at: 0)
        }
        return page
    }
}

struct EditsStatistics: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout TaskStatistics) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout TaskStatistics) -> Void) {
        self.base = base
        self.edit = edit
    }

    func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        var statistics = try await base.statistics(query)
        edit(&statistics)
        return statistics
    }
}

struct EditsAttempts: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable ([Attempt]) -> [Attempt]

    init(base: any TaskStore, _ edit: @escaping @Sendable ([Attempt]) -> [Attempt]) {
        self.base = base
        self.edit = edit
    }

    func attempts(of id: TaskID) async throws -> [Attempt] { edit(try await base.attempts(of: id)) }
}
