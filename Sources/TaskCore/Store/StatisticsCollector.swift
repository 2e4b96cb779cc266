#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Makes statistics of records, one after the other.
package struct StatisticsCollector {
    private let from: Date
    private let now: Date
    private let window: Duration
    private var counts: [TaskStatus: Int] = [:]
    private var days: [Date: TaskStatistics.Day] = [:]
    /// In microseconds.
    private var waits: [Int64] = []
    private var durations: [Int64] = []
    private var finished = 0

    package init(window: Duration, at now: Date) {
        from = now - window
        self.now = now
        self.window = window
    }

    package mutating func add(_ record: TaskRecord) {
        add(record.status, 1)
        guard record.isFinished, let finishedAt = record.finishedAt, finishedAt > from, finishedAt <= now else {
            return
        }
        addFinished(
            record.status,
            createdAt: record.createdAt.microseconds,
            startedAt: record.startedAt?.microseconds,
            finishedAt: finishedAt.microseconds
        )
    }

    /// Counts tasks of a status.
    package mutating func add(_ status: TaskStatus, _ count: Int) { counts[status, default: 0] += count }

    /// Adds a task that finished within the window, its times in microseconds since 1970.
    package mutating func addFinished(_ status: TaskStatus, createdAt: Int64, startedAt: Int64?, finishedAt: Int64) {
        finished += 1
        let start = Date(microseconds: Self.dayStart(of: finishedAt))
        days[start, default: TaskStatistics.Day(start: start)].count(status)
        guard status != .cancelled, let startedAt else { return }
        waits.append(startedAt - createdAt)
        durations.append(finishedAt - startedAt)
    }

    private static func dayStart(of microseconds: Int64) -> Int64 {
        let day: Int64 = 86_400_000_000
        let rest = microseconds % day
        return microseconds - (rest < 0 ? rest + day : rest)
    }

    package var statistics: TaskStatistics {
        TaskStatistics(
            counts: counts.filter { $0.value > 0 },
            days: days.values.sorted { $0.start < $1.start },
            wait: .init(waits.map { Double($0) / 1_000_000 }),
            duration: .init(durations.map { Double($0) / 1_000_000 }),
            throughput: Double(finished) / max(window.inSeconds, 1e-6)
        )
    }
}

extension TaskStatistics.Day {
    /// Counts tasks that finished with this status on this day.
    package mutating func count(_ status: TaskStatus, _ count: Int = 1) {
        switch status {
        case .done: done += count
        case .failed: failed += count
        case .cancelled: cancelled += count
        case .queued, .running: break
        }
    }
}
