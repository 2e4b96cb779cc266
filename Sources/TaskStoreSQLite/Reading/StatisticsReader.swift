import GRDB
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Counts and durations of the tasks that a filter selects, from indexes where the filter allows.
struct StatisticsReader {
    private let filter: TaskFilter
    private let from: Date
    private let now: Date
    private let window: Duration
    private var counts: [TaskStatus: Int] = [:]
    private var days: [Int64: TaskStatistics.Day] = [:]
    private var waits: [Int64] = []
    private var durations: [Int64] = []
    private var finished = 0

    static func read(_ db: Database, _ query: StatisticsQuery, at now: Date) throws -> TaskStatistics {
        var reader = StatisticsReader(query, at: now)
        if query.filter == .all {
            try reader.countAll(db)
        } else {
            try reader.count(db)
        }
        try reader.readWindow(db)
        return reader.statistics
    }

    private init(_ query: StatisticsQuery, at now: Date) {
        filter = query.filter
        window = query.window
        from = now - query.window
        self.now = now
    }

    private mutating func countAll(_ db: Database) throws {
        let find = try SQLStatement(db, SQLText.statisticsCounts)
        defer { find.reset() }
        var active = 0
        while try find.step() {
            let count = find.int(1)
            switch find.int64(0) {
            case StatusColumns.active: active = count
            case 1: counts[.running] = count
            case let value: counts[StatusColumns.status(finished: value, stage: nil)] = count
            }
        }
        counts[.queued] = active - counts[.running, default: 0]
        counts = counts.filter { $0.value > 0 }
    }

    private mutating func count(_ db: Database) throws {
        if !filter.metadata.isEmpty { return try countOneByOne(db) }
        let driver = SearchDriver(filter)
        let rest = SQLCondition(filter, except: driver)
        for arm in driver.arms {
            var condition = arm.condition
            condition.add(rest)
            let find = try SQLStatement(
                db,
                "SELECT s.finished, s.stage IS 2, count(*) FROM \(arm.from) WHERE \(condition.sql) GROUP BY 1, 2"
            )
            condition.bind(find)
            defer { find.reset() }
            while try find.step() {
                let stage = find.int64(1) != 0 ? StatusColumns.running : nil
                counts[StatusColumns.status(finished: find.int64(0), stage: stage), default: 0] += find.int(2)
            }
        }
    }

    /// Metadata is compared exactly only here.
    private mutating func countOneByOne(_ db: Database) throws {
        var search = TaskSearch(filter, order: .oldestFirst)
        while let places = try search.next(db, atMost: 1000) {
            for record in try StoredTask.records(db, keys: places.map(\.key)) where filter.matches(record) {
                counts[record.status, default: 0] += 1
            }
        }
    }

    private mutating func readWindow(_ db: Database) throws {
        let condition = SQLCondition(filter)
        let isPlain = filter.metadata.isEmpty
        let find = try SQLStatement(
            db,
            """
            SELECT s.finished, s.created_at, s.started_at, s.finished_at, s.key
            FROM task_state s INDEXED BY task_state_finished CROSS JOIN task t NOT INDEXED ON t.key = s.key
            WHERE s.finished IN (2, 3, 4) AND s.finished_at IS NOT NULL AND s.finished_at > ? AND s.finished_at <= ?
                AND \(condition.sql)
            """
        )
        find.bind(1, from)
        find.bind(2, now)
        condition.bind(find, from: 3)
        defer { find.reset() }
        while try find.step() {
            if !isPlain, try !StoredTask.records(db, keys: [find.int64(4)]).contains(where: filter.matches) { continue }
            add(
                StatusColumns.status(finished: find.int64(0), stage: nil),
                createdAt: find.int64(1),
                startedAt: find.optionalInt64(2),
                finishedAt: find.int64(3)
            )
        }
    }

    private mutating func add(_ status: TaskStatus, createdAt: Int64, startedAt: Int64?, finishedAt: Int64) {
        finished += 1
        let day = Self.dayStart(of: finishedAt)
        days[day, default: TaskStatistics.Day(start: Date(microseconds: day))].count(status)
        guard status != .cancelled, let startedAt else { return }
        waits.append(startedAt - createdAt)
        durations.append(finishedAt - startedAt)
    }

    private static func dayStart(of microseconds: Int64) -> Int64 {
        let day: Int64 = 86_400_000_000
        let rest = microseconds % day
        return microseconds - (rest < 0 ? rest + day : rest)
    }

    private var statistics: TaskStatistics {
        TaskStatistics(
            counts: counts,
            days: days.values.sorted { $0.start < $1.start },
            wait: .init(microseconds: waits),
            duration: .init(microseconds: durations),
            throughput: Double(finished) / max(window.inSeconds, 1e-6)
        )
    }
}

extension TaskStatistics.Spread {
    /// The spread of these durations in microseconds; nil of none.
    fileprivate init?(microseconds: [Int64]) {
        self.init(microseconds.map { Double($0) / 1_000_000 })
    }
}
