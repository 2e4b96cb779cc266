extension TaskManager {
    private static let batch = 500

    /// Cancels a task: at once when it is queued; a running one is asked to stop.
    ///
    /// - Returns: False when it was finished already.
    /// - Throws: `TaskError` with code `notFound` or `storeUnavailable`.
    @discardableResult
    public func cancel(_ id: TaskID) async throws -> Bool {
        switch try await one(store.cancel(.ids([id]), limit: 1), id) {
        case .accepted, .unchanged: true
        case .refused, .versionConflict, .uniqueKeyHeld, .notFound: false
        }
    }

    /// Cancels these tasks in one transaction; the results say what became of each.
    public func cancel(_ ids: [TaskID]) async throws -> [CommandResult] {
        try await store.cancel(.ids(ids), limit: ids.count)
    }

    /// Cancels all that a filter selects, in batches.
    ///
    /// - Parameters:
    ///   - filter: Which tasks; finished ones are left as they are.
    ///   - progress: Called after each batch with the number of tasks so far.
    /// - Returns: How many were cancelled or asked to stop.
    @discardableResult
    public func cancel(matching filter: TaskFilter, progress: (Int) -> Void = { _ in }) async throws -> Int {
        try await inBatches(progress) { try await store.cancel(.matching(filter), limit: Self.batch).count }
    }

    /// Makes a failed or cancelled task run again, with a new budget of attempts and its history kept.
    ///
    /// - Throws: `TaskError` with code `wrongStatus` when it is in another status, or another active task holds its unique key;
    ///   `notFound`; `invalidInput` for changes out of range.
    public func retry(_ id: TaskID, changes: TaskChanges = .none) async throws {
        let changes = try changes.validated()
        try await checkMetadata(of: id, with: changes)
        switch try await one(store.retry(.ids([id]), changes: changes, limit: 1), id) {
        case .accepted, .unchanged, .versionConflict, .notFound: return
        case .refused(let status):
            throw TaskError(
                .wrongStatus,
                "The task is \(status.rawValue); only failed and cancelled tasks can be retried.",
                taskID: id
            )
        case .uniqueKeyHeld(let holder):
            throw TaskError(.wrongStatus, "The active task \(holder) holds the task's unique key.", taskID: id)
        }
    }

    /// Retries these tasks in one transaction; the results say what became of each.
    public func retry(_ ids: [TaskID]) async throws -> [CommandResult] {
        try await store.retry(.ids(ids), changes: .none, limit: ids.count)
    }

    /// Retries all failed and cancelled tasks that a filter selects, in batches.
    ///
    /// - Parameters:
    ///   - filter: Which tasks; those in another status are left as they are.
    ///   - progress: Called after each batch with the number of tasks so far.
    /// - Returns: How many.
    @discardableResult
    public func retry(matching filter: TaskFilter, progress: (Int) -> Void = { _ in }) async throws -> Int {
        try await inBatches(progress) {
            try await store.retry(.matching(filter), changes: .none, limit: Self.batch).count
        }
    }

    /// Edits a queued task.
    ///
    /// - Parameters:
    ///   - id: The task.
    ///   - changes: What is to be different.
    ///   - expectedVersion: Edit only when the task is at this version; nil: at any.
    /// - Throws: `TaskError` with code `wrongStatus` when it is not queued, `versionConflict` when it is at another version, `notFound`,
    ///   `invalidInput` for changes out of range.
    public func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64? = nil) async throws {
        let changes = try changes.validated()
        try await checkMetadata(of: id, with: changes)
        switch try await store.update(id, changes: changes, expectedVersion: expectedVersion).outcome {
        case .accepted, .unchanged, .uniqueKeyHeld: return
        case .refused(let status):
            throw TaskError(
                .wrongStatus,
                "The task is \(status.rawValue); only queued tasks can be edited.",
                taskID: id
            )
        case .versionConflict(let version):
            throw TaskError(
                .versionConflict,
                "The task is at version \(version); read it anew and decide again.",
                taskID: id
            )
        case .notFound: throw Self.notFound(id)
        }
    }

    /// New members come to those that the task has: the limit is for all of them.
    private func checkMetadata(of id: TaskID, with changes: TaskChanges) async throws {
        guard !changes.metadata.isEmpty, var metadata = try await store.tasks([id]).first??.metadata else { return }
        metadata.merge(changes.metadata)
        try metadata.check(of: "task \(id)")
    }

    /// Stops claiming from a queue; its running tasks go on.
    public func pause(queue: String) async throws { try await store.setPaused(true, queue: queue) }

    /// Lets claiming from a queue go on.
    public func resume(queue: String) async throws { try await store.setPaused(false, queue: queue) }

    /// Deletes finished tasks that are too old, in batches, with their history.
    ///
    /// - Parameters:
    ///   - policy: How old is too old.
    ///   - progress: Called after each batch with the number of tasks so far.
    /// - Returns: How many by status.
    @discardableResult
    public func prune(_ policy: PrunePolicy, progress: (Int) -> Void = { _ in }) async throws -> [TaskStatus: Int] {
        var counts: [TaskStatus: Int] = [:]
        _ = try await inBatches(progress) {
            let batch = try await store.prune(policy, limit: Self.batch)
            counts.merge(batch, uniquingKeysWith: +)
            return batch.values.reduce(0, +)
        }
        return counts
    }

    private func one(_ results: [CommandResult], _ id: TaskID) throws -> CommandResult.Outcome {
        guard let outcome = results.first?.outcome, outcome != .notFound else { throw Self.notFound(id) }
        return outcome
    }

    private func inBatches(_ progress: (Int) -> Void, _ batch: () async throws -> Int) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let count = try await batch()
            guard count > 0 else { return total }
            total += count
            progress(total)
        }
    }

    private static func notFound(_ id: TaskID) -> TaskError {
        TaskError(.notFound, "There is no such task; it may have been pruned.", taskID: id)
    }
}
