import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A stored task with what a record does not show.
struct StoredTask {
    let key: Int64
    var record: TaskRecord
    var deadline: Date?
    var checkpoint: JSONText?
    var sequence: Int64

    /// The part that the lifecycle decides over.
    var life: TaskLifecycle.State {
        get { record.life(deadline: deadline) }
        set {
            record.apply(newValue)
            deadline = newValue.deadline
        }
    }

    /// The attempt that runs.
    var runningAttempt: Attempt? {
        record.status == .running ? lastAttempt : nil
    }

    /// The attempt that succeeded, which has no row of its own.
    var successfulAttempt: Attempt? {
        guard record.status == .done, var attempt = lastAttempt else { return nil }
        attempt.finishedAt = record.finishedAt
        attempt.outcome = .done
        return attempt
    }

    private var lastAttempt: Attempt? {
        guard let worker = record.worker, let startedAt = record.startedAt else { return nil }
        return Attempt(number: record.attempts, fence: record.fence, worker: worker, startedAt: startedAt)
    }

    func isRunning(_ lease: Lease) -> Bool {
        record.status == .running && record.fence == lease.fence && record.worker == lease.worker
    }
}

/// How a status is kept: what the list's index sees, and where claims and sweeps look.
enum StatusColumns {
    static let active: Int64 = 0
    static let ready: Int64 = 0
    static let scheduled: Int64 = 1
    static let running: Int64 = 2

    static func finished(_ status: TaskStatus) -> Int64 {
        switch status {
        case .queued, .running: active
        case .done: 2
        case .failed: 3
        case .cancelled: 4
        }
    }

    static func stage(_ status: TaskStatus, runAt: Date, now: Date) -> Int64? {
        switch status {
        case .queued: runAt <= now ? ready : scheduled
        case .running: running
        case .done, .failed, .cancelled: nil
        }
    }

    static func status(finished: Int64, stage: Int64?) -> TaskStatus {
        switch finished {
        case 2: .done
        case 3: .failed
        case 4: .cancelled
        default: stage == running ? .running : .queued
        }
    }
}
