extension TaskManager {
    /// The record of a task; nil when there is none.
    ///
    /// - Throws: `TaskError` with code `storeUnavailable`, as everything here.
    public func find(_ id: TaskID) async throws -> TaskRecord? { try await store.tasks([id]).first ?? nil }

    /// A page of the tasks that a filter selects, the newest first unless said otherwise; its `next` is the next call's `cursor`.
    public func list(
        _ filter: TaskFilter = .all,
        order: TaskQuery.Order = .newestFirst,
        limit: Int = 50,
        after cursor: TaskCursor? = nil
    ) async throws -> TaskPage {
        try await store.list(TaskQuery(filter, order: order, limit: limit, cursor: cursor))
    }

    /// Counts and durations of the tasks that a filter selects, over the last day unless said otherwise.
    public func statistics(_ filter: TaskFilter = .all, window: Duration = .seconds(86_400)) async throws
        -> TaskStatistics
    {
        try await store.statistics(StatisticsQuery(filter, window: window))
    }

    /// Every attempt of a task, in order, the running one last; empty for an unknown task.
    public func attempts(of id: TaskID) async throws -> [Attempt] { try await store.attempts(of: id) }

    /// Every queue that has an active task or is paused, by name.
    public func queues() async throws -> [QueueInfo] { try await store.queues() }

    /// Every worker that shows signs of life or has tasks to be rescued, by name.
    public func workers() async throws -> [WorkerInfo] { try await store.workers() }

    /// How the tasks that a filter selects stand (at most the 1000 newest), then every change of one that the filter selects.
    ///
    /// A task that a change takes out of the selection is not reported; leave the status out of the filter to see tasks end.
    public func updates(_ filter: TaskFilter = .all) -> TaskUpdates { TaskUpdates(hub: hub, interest: .filter(filter)) }

    /// How a task stands, then every change, ending with the one that says it is finished.
    public func updates(of id: TaskID) -> TaskUpdates { TaskUpdates(hub: hub, interest: .task(id)) }
}
