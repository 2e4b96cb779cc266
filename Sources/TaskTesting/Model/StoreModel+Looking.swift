#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import TaskCore

extension StoreModel {
    package func record(_ id: TaskID) -> TaskRecord? { index(of: id).map { entries[$0].record } }

    package func attempts(of id: TaskID) -> [Attempt] { index(of: id).map { entries[$0].attempts } ?? [] }

    package func list(_ query: TaskQuery) -> TaskPage { query.page(of: entries.map(\.record)) }

    package func statistics(_ query: StatisticsQuery, at now: Date) -> TaskStatistics {
        query.computed(over: entries.map(\.record), at: now)
    }

    package func queues(at now: Date) -> [QueueInfo] {
        let active = entries.map(\.record).filter(\.isActive)
        return paused.union(active.map(\.queue)).sorted().map { name in
            let here = active.filter { $0.queue == name }
            let queued = here.filter { $0.status == .queued }
            return QueueInfo(
                name: name,
                isPaused: paused.contains(name),
                ready: queued.count { $0.runAt <= now },
                scheduled: queued.count { $0.runAt > now },
                running: here.count { $0.status == .running }
            )
        }
    }

    package func workerInfos() -> [WorkerInfo] {
        workers.sorted { $0.id.rawValue < $1.id.rawValue }.map { worker in
            WorkerInfo(
                id: worker.id,
                leaseUntil: worker.leaseUntil,
                running: entries.count { $0.record.status == .running && $0.record.worker == worker.id }
            )
        }
    }

    package func changes(since cursor: ChangeCursor?, limit: Int) -> ChangePage {
        let end = ChangeCursor(rawValue: String(changed.count))
        guard let cursor else { return ChangePage(ids: [], cursor: end) }
        guard let start = Int(cursor.rawValue), (0...changed.count).contains(start) else {
            return ChangePage(ids: [], cursor: end, isComplete: false)
        }
        let ids = changed[start...].prefix(max(1, limit))
        return ChangePage(
            ids: Array(ids),
            cursor: ChangeCursor(rawValue: String(ids.endIndex)),
            hasMore: ids.endIndex < changed.count
        )
    }
}

extension TaskQuery {
    /// The page that these records make up, found by looking at all of them.
    func page(of records: [TaskRecord]) -> TaskPage {
        func isBefore(_ left: (Date, TaskID), _ right: (Date, TaskID)) -> Bool {
            switch order {
            case .oldestFirst: left < right
            case .newestFirst: left > right
            }
        }
        let rest = records.filter(filter.matches)
            .filter { record in
                cursor.map { isBefore(($0.createdAt, $0.id), (record.createdAt, record.id)) } ?? true
            }
            .sorted { isBefore(($0.createdAt, $0.id), ($1.createdAt, $1.id)) }
        let page = Array(rest.prefix(clampedLimit))
        let next = rest.count > page.count ? page.last.map { TaskCursor(createdAt: $0.createdAt, id: $0.id) } : nil
        return TaskPage(records: page, next: next)
    }
}

extension StatisticsQuery {
    /// The statistics of these records, computed in the plainest way.
    func computed(over records: [TaskRecord], at now: Date) -> TaskStatistics {
        let selected = records.filter(filter.matches)
        let finished = selected.filter { record in
            record.finishedAt.map { $0 > now - window && $0 <= now } ?? false
        }
        let ran = finished.filter { $0.status == .done || $0.status == .failed }
        var days: [Date: TaskStatistics.Day] = [:]
        for record in finished {
            guard let at = record.finishedAt else { continue }
            let start = Date(timeIntervalSince1970: (at.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
            var day = days[start] ?? TaskStatistics.Day(start: start)
            switch record.status {
            case .done: day.done += 1
            case .failed: day.failed += 1
            case .cancelled: day.cancelled += 1
            case .queued, .running: break
            }
            days[start] = day
        }
        return TaskStatistics(
            counts: Dictionary(grouping: selected, by: \.status).mapValues(\.count),
            days: days.values.sorted { $0.start < $1.start },
            wait: TaskStatistics.Spread(
                ran.compactMap { record in record.startedAt.map { $0.timeIntervalSince(record.createdAt) } }
            ),
            duration: TaskStatistics.Spread(
                ran.compactMap { record in
                    guard let start = record.startedAt, let end = record.finishedAt else { return nil }
                    return end.timeIntervalSince(start)
                }
            ),
            throughput: Double(finished.count) / window.inSeconds
        )
    }
}
