#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Looking and following: records, lists, statistics, attempts, queues, workers, changes.
extension MemoryState {
    func records(_ ids: [TaskID]) -> [TaskRecord?] { ids.map { rows[$0]?.record } }

    func list(_ query: TaskQuery) -> TaskPage {
        var page: [TaskRecord] = []
        let limit = query.clampedLimit
        let all = timeline.rows
        func take(_ row: MemoryRow) -> Bool {
            if !row.isDeleted, query.filter.matches(row.record) { page.append(row.record) }
            return page.count <= limit
        }
        switch query.order {
        case .oldestFirst:
            var index = query.cursor.map { timeline.firstIndex(notBefore: $0.createdAt, $0.id) } ?? 0
            if let cursor = query.cursor, index < all.count, all[index].record.id == cursor.id { index += 1 }
            while index < all.count, take(all[index]) { index += 1 }
        case .newestFirst:
            var index = (query.cursor.map { timeline.firstIndex(notBefore: $0.createdAt, $0.id) } ?? all.count) - 1
            while index >= 0, take(all[index]) { index -= 1 }
        }
        guard page.count > limit else { return TaskPage(records: page) }
        page.removeLast()
        return TaskPage(records: page, next: page.last.map { TaskCursor(createdAt: $0.createdAt, id: $0.id) })
    }

    func statistics(_ query: StatisticsQuery, at now: Date) -> TaskStatistics {
        var collector = StatisticsCollector(window: query.window, at: now)
        for row in timeline.rows where !row.isDeleted && query.filter.matches(row.record) { collector.add(row.record) }
        return collector.statistics
    }

    func attempts(of id: TaskID) -> [Attempt] {
        guard let row = rows[id] else { return [] }
        return row.history + (row.runningAttempt.map { [$0] } ?? [])
    }

    func queueInfos(at now: Date) -> [QueueInfo] {
        queues.values.compactMap { $0.info(at: now) }.sorted { $0.name < $1.name }
    }

    func workerInfos() -> [WorkerInfo] {
        workers.values
            .map { WorkerInfo(id: $0.id, leaseUntil: $0.leaseUntil, running: $0.running.count) }
            .sorted { $0.id.rawValue < $1.id.rawValue }
    }

    func changes(since cursor: ChangeCursor?, limit: Int) -> ChangePage {
        changeLog.page(since: cursor, limit: limit)
    }
}
