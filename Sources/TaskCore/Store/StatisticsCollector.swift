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
    private var waits: [Double] = []
    private var durations: [Double] = []
    private var finished = 0
    private static let day: Double = 86_400

    package init(window: Duration, at now: Date) {
        from = now - window
        self.now = now
        self.window = window
    }

    package mutating func add(_ record: TaskRecord) {
        counts[record.status, default: 0] += 1
        guard record.isFinished, let finishedAt = record.finishedAt, finishedAt > from, finishedAt <= now else {
            return
        }
        finished += 1
        let start = Date(timeIntervalSince1970: (finishedAt.timeIntervalSince1970 / Self.day).rounded(.down) * Self.day)
        days[start, default: TaskStatistics.Day(start: start)].count(record.status)
        guard record.status != .cancelled, let startedAt = record.startedAt else { return }
        waits.append(startedAt.timeIntervalSince(record.createdAt))
        durations.append(finishedAt.timeIntervalSince(startedAt))
    }

    package var statistics: TaskStatistics {
        TaskStatistics(
            counts: counts,
            days: days.values.sorted { $0.start < $1.start },
            wait: .init(waits),
            duration: .init(durations),
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
