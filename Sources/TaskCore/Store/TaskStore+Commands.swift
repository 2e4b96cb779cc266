#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Which tasks a command is for.
public enum TaskSelection: Hashable, Sendable {
    /// These.
    case ids([TaskID])
    /// All that a filter selects.
    case matching(TaskFilter)
}

/// What to change of a task; nil: leave it.
public struct TaskChanges: Hashable, Sendable {
    /// A new input.
    public var input: JSONText?
    /// A new priority.
    public var priority: Int?
    /// A new earliest start.
    public var runAt: Date?
    /// A new budget of attempts.
    public var maxAttempts: Int?
    /// Metadata to merge.
    public var metadata: TaskMetadata

    /// Changes with these parts.
    public init(
        input: JSONText? = nil,
        priority: Int? = nil,
        runAt: Date? = nil,
        maxAttempts: Int? = nil,
        metadata: TaskMetadata = [:]
    ) {
        self.input = input
        self.priority = priority
        self.runAt = runAt
        self.maxAttempts = maxAttempts
        self.metadata = metadata
    }

    /// No change.
    public static let none = TaskChanges()
}

/// What a command did to one task.
public struct CommandResult: Hashable, Sendable {
    /// What it did.
    public enum Outcome: Hashable, Sendable {
        /// It was carried out: the task has this status and version now. A running task that was asked to stop stays `running`.
        case accepted(TaskStatus, version: Int64)
        /// Nothing changed because it had been asked for before.
        case unchanged
        /// The task's status does not allow it.
        case refused(TaskStatus)
        /// The task is at this version, not at the expected one.
        case versionConflict(Int64)
        /// Another active task holds the unique key.
        case uniqueKeyHeld(by: TaskID)
        /// There is no such task.
        case notFound
    }

    /// The task.
    public var id: TaskID
    /// What the command did to it.
    public var outcome: Outcome

    /// A result with these parts.
    public init(id: TaskID, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// How old finished tasks may become, counted from `finishedAt`; statuses not named are kept for ever.
public struct PrunePolicy: Hashable, Sendable {
    /// The greatest age by status. Active statuses are ignored: an active task is never pruned.
    public var maxAge: [TaskStatus: Duration]

    /// A policy with these ages.
    public init(maxAge: [TaskStatus: Duration]) { self.maxAge = maxAge }

    /// One age for done, failed and cancelled tasks.
    public static func finished(olderThan age: Duration) -> PrunePolicy {
        PrunePolicy(maxAge: [.done: age, .failed: age, .cancelled: age])
    }
}

/// How a queue stands.
public struct QueueInfo: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Whether claiming is stopped.
    public var isPaused: Bool
    /// Queued tasks that could run now.
    public var ready: Int
    /// Queued tasks with a later `runAt`.
    public var scheduled: Int
    /// Running tasks.
    public var running: Int

    /// A queue with these figures.
    public init(name: String, isPaused: Bool, ready: Int, scheduled: Int, running: Int) {
        self.name = name
        self.isPaused = isPaused
        self.ready = ready
        self.scheduled = scheduled
        self.running = running
    }
}

/// A worker as the store sees it.
public struct WorkerInfo: Hashable, Sendable, Codable {
    /// Its name.
    public var id: WorkerID
    /// Until when it counts as alive.
    public var leaseUntil: Date
    /// How many tasks it runs.
    public var running: Int

    /// A worker with these figures.
    public init(id: WorkerID, leaseUntil: Date, running: Int) {
        self.id = id
        self.leaseUntil = leaseUntil
        self.running = running
    }
}

/// A place in a store's history of changes; opaque, comparable only by the store that made it.
public struct ChangeCursor: RawRepresentable, Hashable, Sendable, Codable {
    /// What the store wrote there.
    public let rawValue: String
    /// A cursor that a store wrote.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What changed.
public struct ChangePage: Hashable, Sendable {
    /// The tasks.
    public var ids: [TaskID]
    /// Where to go on.
    public var cursor: ChangeCursor
    /// False when changes between the asked cursor and this page are no longer known.
    public var isComplete: Bool
    /// Whether there is more at once.
    public var hasMore: Bool

    /// A page with these parts.
    public init(ids: [TaskID], cursor: ChangeCursor, isComplete: Bool = true, hasMore: Bool = false) {
        self.ids = ids
        self.cursor = cursor
        self.isComplete = isComplete
        self.hasMore = hasMore
    }
}

/// What a store gives hints of.
public enum SignalKind: String, Hashable, Sendable, CaseIterable {
    /// A task became ready, or a queue was let go on.
    case work
    /// A record changed.
    case changes
    /// A running task's cancellation was asked for.
    case cancellations
}
