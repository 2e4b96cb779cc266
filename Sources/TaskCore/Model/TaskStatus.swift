/// Where a task stands. There are five: 'scheduled' and 'waiting to retry' are `queued` with a later `runAt`.
public enum TaskStatus: String, Codable, Sendable, CaseIterable, Comparable {
    /// Waiting for a worker, now or from `runAt` on.
    case queued
    /// Claimed by a worker that holds its lease.
    case running
    /// Finished with a result. Terminal: never changes again.
    case done
    /// Finished with an error and no attempts left. Terminal, until somebody retries it.
    case failed
    /// Stopped on request. Terminal, until somebody retries it.
    case cancelled

    /// Whether the task is over.
    public var isFinished: Bool { !isActive }

    /// Whether the task is queued or running.
    public var isActive: Bool {
        switch self {
        case .queued, .running: true
        case .done, .failed, .cancelled: false
        }
    }

    /// Orders by the course of a life: queued, running, done, failed, cancelled.
    public static func < (lhs: TaskStatus, rhs: TaskStatus) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .queued: 0
        case .running: 1
        case .done: 2
        case .failed: 3
        case .cancelled: 4
        }
    }
}
