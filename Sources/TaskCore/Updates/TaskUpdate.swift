/// What a subscriber sees: how a task stood at a version. Of one task, versions only grow.
public struct TaskUpdate: Sendable, Hashable {
    /// The task as it stood.
    public var record: TaskRecord
    /// Updates of other tasks were dropped for this subscriber before this one, because it read too slowly: what it knows of the
    /// selected tasks may be old, and it should read the list anew. Never true for a single task.
    public var isAfterGap: Bool

    /// An update with these parts.
    public init(record: TaskRecord, isAfterGap: Bool = false) {
        self.record = record
        self.isAfterGap = isAfterGap
    }

    /// Grows with every change of the task.
    public var version: Int64 { record.version }
}

/// The updates of one task, of a filter's tasks, or of all: first how they stand, then what changes.
///
/// A subscriber that reads slowly gets the latest of each task and slows nobody; at most ``TaskUpdates/capacity`` updates wait for it.
/// The updates of one task end with the one that says it is finished. For one iterator.
public struct TaskUpdates: AsyncSequence, Sendable {
    /// How many updates of different tasks wait for a slow subscriber before the oldest are dropped.
    public static let capacity = 1024

    /// Reads the updates; letting it go ends the subscription.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: Subscription

        /// The next update; nil at the end.
        ///
        /// - Throws: `TaskError` with code `notFound` when the task does not exist or was pruned, `storeUnavailable` when the store was closed,
        ///   and `CancellationError`.
        public mutating func next() async throws -> TaskUpdate? { try await subscription.next() }

        /// The next update; nil at the end.
        ///
        /// - Throws: As ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> TaskUpdate? {
            try await subscription.next()
        }
    }

    private let hub: UpdateHub
    private let interest: Interest

    init(hub: UpdateHub, interest: Interest) {
        self.hub = hub
        self.interest = interest
    }

    /// Subscribes.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: hub.subscribe(interest))
    }
}

/// Whose updates a subscriber wants.
enum Interest: Sendable {
    case task(TaskID)
    case filter(TaskFilter)
}
