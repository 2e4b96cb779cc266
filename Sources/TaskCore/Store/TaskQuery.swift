#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Which tasks: every part that is given must hold.
public struct TaskFilter: Hashable, Sendable {
    /// One of these statuses; nil: any.
    public var statuses: Set<TaskStatus>?
    /// One of these names; nil: any.
    public var names: Set<String>?
    /// One of these queues; nil: any.
    public var queues: Set<String>?
    /// This owner; nil: any.
    public var owner: String?
    /// This parent; nil: any.
    public var parent: TaskID?
    /// These members of the metadata, each equal; others may be there too.
    public var metadata: TaskMetadata
    /// Stored from the lower bound on and before the upper bound.
    public var created: Range<Date>?
    /// Last changed from the lower bound on and before the upper bound.
    public var updated: Range<Date>?
    /// Finished from the lower bound on and before the upper bound.
    public var finished: Range<Date>?

    /// A filter with these parts; without any, all tasks.
    public init(
        statuses: Set<TaskStatus>? = nil,
        names: Set<String>? = nil,
        queues: Set<String>? = nil,
        owner: String? = nil,
        parent: TaskID? = nil,
        metadata: TaskMetadata = [:],
        created: Range<Date>? = nil,
        updated: Range<Date>? = nil,
        finished: Range<Date>? = nil
    ) {
        self.statuses = statuses
        self.names = names
        self.queues = queues
        self.owner = owner
        self.parent = parent
        self.metadata = metadata
        self.created = created
        self.updated = updated
        self.finished = finished
    }

    /// All tasks.
    public static let all = TaskFilter()

    /// Whether a record is selected: what a store's query must agree with.
    public func matches(_ record: TaskRecord) -> Bool {
        (statuses?.contains(record.status) ?? true)
            && (names?.contains(record.name) ?? true)
            && (queues?.contains(record.queue) ?? true)
            && (owner == nil || owner == record.owner)
            && (parent == nil || parent == record.parent)
            && metadata.values.allSatisfy { record.metadata[$0.key] == $0.value }
            && (created?.contains(record.createdAt) ?? true)
            && (updated?.contains(record.updatedAt) ?? true)
            && (finished.map { range in record.finishedAt.map(range.contains) ?? false } ?? true)
    }
}

/// A page of tasks is asked for.
public struct TaskQuery: Hashable, Sendable {
    /// In which order, by (createdAt, id).
    public enum Order: String, Hashable, Sendable, Codable {
        /// The newest first.
        case newestFirst
        /// The oldest first.
        case oldestFirst
    }

    /// Which tasks.
    public var filter: TaskFilter
    /// In which order.
    public var order: Order
    /// At most this many, 1…1000; a store brings it into this range.
    public var limit: Int
    /// After this place; nil: from the beginning.
    public var cursor: TaskCursor?

    /// A query with these parts.
    public init(_ filter: TaskFilter = .all, order: Order = .newestFirst, limit: Int = 50, cursor: TaskCursor? = nil) {
        self.filter = filter
        self.order = order
        self.limit = limit
        self.cursor = cursor
    }

    /// The limit brought into range.
    public var clampedLimit: Int { min(max(limit, 1), 1000) }
}

/// A place in a list: after the task of that id, stored at that time.
public struct TaskCursor: Hashable, Sendable {
    /// When the last task of the page before was stored.
    public var createdAt: Date
    /// Its id.
    public var id: TaskID

    /// The place after a task.
    public init(createdAt: Date, id: TaskID) {
        self.createdAt = createdAt
        self.id = id
    }
}

extension TaskCursor: LosslessStringConvertible {
    /// The place that ``description`` wrote down; nil for anything else.
    public init?(_ description: String) {
        let parts = description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let id = TaskID(String(parts[1])) else {
            return nil
        }
        self.init(createdAt: Date(microseconds: microseconds), id: id)
    }

    /// The place as text, for links and command lines.
    public var description: String { "\(createdAt.microseconds).\(id)" }
}

/// A page of a list.
public struct TaskPage: Hashable, Sendable {
    /// The tasks.
    public var records: [TaskRecord]
    /// Where the next page starts; nil when this was the last.
    public var next: TaskCursor?

    /// A page with these parts.
    public init(records: [TaskRecord], next: TaskCursor? = nil) {
        self.records = records
        self.next = next
    }
}
