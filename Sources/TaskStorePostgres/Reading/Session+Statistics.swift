import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Session {
    func statistics(_ query: StatisticsQuery) throws -> TaskStatistics {
        guard query.filter.metadata.isEmpty else { return try statisticsOneByOne(query) }
        let (counts, days, spreads) = (countCommand(query.filter), daysCommand(query), spreadCommand(query))
        let results = try run([counts, days, spreads])
        return TaskStatistics(
            counts: Self.counts(results[0]),
            days: Self.days(results[1]),
            wait: Self.spread(results[2], from: 1),
            duration: Self.spread(results[2], from: 4),
            throughput: Double(Self.finished(results[1])) / max(query.window.inSeconds, 1e-6)
        )
    }

    /// Metadata is compared exactly only here.
    private func statisticsOneByOne(_ query: StatisticsQuery) throws -> TaskStatistics {
        let now = try run(Command(sql.now)).date(0, 0)
        var collector = StatisticsCollector(window: query.window, at: now)
        var search = TaskSearch(query.filter, order: .oldestFirst)
        while let records = try search.next(self, atMost: 1000) {
            for record in records { collector.add(record) }
        }
        return collector.statistics
    }

    // MARK: Commands

    private func countCommand(_ filter: TaskFilter) -> Command {
        guard filter != .all else { return Command(sql.statisticsCounts) }
        let condition = SQLCondition(filter)
        let text = "SELECT l.state, count(*) FROM \(SearchSource(filter).tables) WHERE \(condition.sql) GROUP BY 1"
        return Command(sql.render(text)) { condition.add(to: &$0) }
    }

    private func daysCommand(_ query: StatisticsQuery) -> Command {
        finished(
            query,
            select: "date_trunc('day', l.finished_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', l.state, count(*)",
            suffix: "GROUP BY 1, 2 ORDER BY 1"
        )
    }

    private func spreadCommand(_ query: StatisticsQuery) -> Command {
        func spread(_ from: String, _ to: String) -> String {
            let length = "(extract(epoch FROM \(to) - \(from)) * 1000000)::int8"
            return """
                avg(\(length))::float8, percentile_disc(0.5) WITHIN GROUP (ORDER BY \(length)),
                percentile_disc(0.95) WITHIN GROUP (ORDER BY \(length))
                """
        }
        let columns =
            "count(*), \(spread("l.created_at", "l.started_at")), \(spread("l.started_at", "l.finished_at"))"
        let isRun = "AND l.state <> \(StateColumn.cancelled) AND l.started_at IS NOT NULL"
        return finished(query, select: columns, suffix: isRun)
    }

    /// A question about the tasks that ended within the window.
    private func finished(_ query: StatisticsQuery, select columns: String, suffix: String) -> Command {
        var filter = query.filter
        let finished = Set(TaskStatus.allCases.filter(\.isFinished))
        filter.statuses = filter.statuses.map { $0.intersection(finished) } ?? finished
        // Without a filter nothing of the request is needed.
        let isPlain = query.filter == .all
        var condition = isPlain ? SQLCondition() : SQLCondition(filter)
        condition.add(
            "l.finished_at > {now} - $::int8 * interval '1 microsecond' AND l.finished_at <= {now}",
            .number(query.window.leaseMicroseconds)
        )
        let tables = isPlain ? "{schema}.task_done l" : SearchSource(filter).tables
        let text = "SELECT \(columns) FROM \(tables) WHERE \(condition.sql) \(suffix)"
        return Command(sql.render(text)) { condition.add(to: &$0) }
    }

    // MARK: Answers

    private static func counts(_ result: QueryResult) -> [TaskStatus: Int] {
        var counts: [TaskStatus: Int] = [:]
        for row in result.rows {
            counts[StateColumn.status(result.int16(row, 0)), default: 0] += Int(result.int64(row, 1))
        }
        return counts
    }

    private static func days(_ result: QueryResult) -> [TaskStatistics.Day] {
        var days: [TaskStatistics.Day] = []
        for row in result.rows {
            let start = result.date(row, 0)
            if days.last?.start != start { days.append(TaskStatistics.Day(start: start)) }
            days[days.count - 1].count(StateColumn.status(result.int16(row, 1)), Int(result.int64(row, 2)))
        }
        return days
    }

    private static func finished(_ result: QueryResult) -> Int {
        result.rows.reduce(0) { $0 + Int(result.int64($1, 2)) }
    }

    /// Average and ranks in microseconds, from a column on; nil of no tasks.
    private static func spread(_ result: QueryResult, from column: Int32) -> TaskStatistics.Spread? {
        let count = Int(result.int64(0, 0))
        guard count > 0 else { return nil }
        return TaskStatistics.Spread(
            count: count,
            average: result.double(0, column) / 1_000_000,
            p50: Double(result.int64(0, column + 1)) / 1_000_000,
            p95: Double(result.int64(0, column + 2)) / 1_000_000
        )
    }
}
