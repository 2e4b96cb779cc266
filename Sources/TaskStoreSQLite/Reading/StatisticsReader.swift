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
    private var collector: StatisticsCollector

    static func read(_ db: Database, _ query: StatisticsQuery, at now: Date) throws -> TaskStatistics {
        var reader = StatisticsReader(query, at: now)
        if query.filter == .all {
            try reader.countAll(db)
        } else {
            try reader.count(db)
        }
        try reader.readWindow(db)
        return reader.collector.statistics
    }

    private init(_ query: StatisticsQuery, at now: Date) {
        filter = query.filter
        from = now - query.window
        self.now = now
        collector = StatisticsCollector(window: query.window, at: now)
    }

    private mutating func countAll(_ db: Database) throws {
        let find = try SQLStatement(db, SQLText.statisticsCounts)
        defer { find.reset() }
        var active = 0
        while try find.step() {
            let count = find.int(1)
            switch find.int64(0) {
            case StatusColumns.active: active += count
            case 1:
                active -= count
                collector.add(.running, count)
            case let value: collector.add(StatusColumns.status(finished: value, stage: nil), count)
            }
        }
        collector.add(.queued, active)
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
                collector.add(StatusColumns.status(finished: find.int64(0), stage: stage), find.int(2))
            }
        }
    }

    /// Metadata is compared exactly only here.
    private mutating func countOneByOne(_ db: Database) throws {
        var search = TaskSearch(filter, order: .oldestFirst)
        while let places = try search.next(db, atMost: 1000) {
            for record in try TaskRow.records(db, keys: places.map(\.key)) where filter.matches(record) {
                collector.add(record.status, 1)
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
            if !isPlain, try !TaskRow.records(db, keys: [find.int64(4)]).contains(where: filter.matches) { continue }
            collector.addFinished(
                StatusColumns.status(finished: find.int64(0), stage: nil),
                createdAt: find.int64(1),
                startedAt: find.optionalInt64(2),
                finishedAt: find.int64(3)
            )
        }
    }
}
