#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

// Answers without what is a store's own: versions (a finish with a report may count once or twice), the words of the
// failures that it writes itself, and orders that nobody promised.

extension TaskRecord {
    var comparable: TaskRecord {
        var record = self
        record.version = 0
        record.error = error?.comparable
        return record
    }
}

extension TaskFailure {
    var comparable: TaskFailure {
        code == "worker_lost" || code == "timed_out" ? TaskFailure(code: code, message: "", isRetryable: true) : self
    }
}

extension Attempt {
    var comparable: Attempt {
        var attempt = self
        attempt.failure = failure?.comparable
        return attempt
    }
}

extension EnqueueResult {
    var comparable: EnqueueResult {
        switch self {
        case .inserted(let record): .inserted(record.comparable)
        case .existing(let record): .existing(record.comparable)
        case .conflict(let id): .conflict(id)
        }
    }
}

extension ClaimReply {
    var comparable: ClaimReply {
        ClaimReply(
            tasks: tasks.map { ClaimedTask(record: $0.record.comparable, checkpoint: $0.checkpoint) },
            nextRunAt: nextRunAt
        )
    }
}

extension BeatReply {
    var comparable: BeatReply {
        BeatReply(
            wasAlive: wasAlive,
            lost: Set(lost).sorted { ($0.task, $0.fence) < ($1.task, $1.fence) },
            cancelRequested: cancelRequested.sorted()
        )
    }
}

extension CommandResult {
    var comparable: CommandResult {
        switch outcome {
        case .accepted(let status, _): CommandResult(id: id, outcome: .accepted(status, version: 0))
        case .versionConflict: CommandResult(id: id, outcome: .versionConflict(0))
        case .unchanged, .refused, .uniqueKeyHeld, .notFound: self
        }
    }
}

extension TaskStatistics {
    var comparable: TaskStatistics {
        var statistics = self
        statistics.counts = counts.filter { $0.value > 0 }
        statistics.wait = wait?.rounded
        statistics.duration = duration?.rounded
        statistics.throughput = (throughput * 1e6).rounded() / 1e6
        return statistics
    }
}

extension TaskStatistics.Spread {
    /// Sums of microseconds come out differently in the last bits. Means of whole microseconds do lie half-way between two of these steps,
    /// so the steps are moved a little to where they do not.
    fileprivate var rounded: Self {
        func round(_ value: Double) -> Double { (value * 1e5 + 0.0123456789).rounded() / 1e5 }
        return Self(count: count, average: round(average), p50: round(p50), p95: round(p95))
    }
}
