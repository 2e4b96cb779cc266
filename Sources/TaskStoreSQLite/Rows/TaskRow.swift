import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A stored task and the key of its rows.
struct TaskRow {
    let key: Int64
    var task: StoredTask

    var record: TaskRecord { task.record }
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
