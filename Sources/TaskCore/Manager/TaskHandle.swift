/// One task seen from anywhere: any process that can open the store can await its value.
public struct TaskHandle<Output: Decodable & Sendable>: Sendable, Identifiable {
    /// The task's id.
    public let id: TaskID
    private let manager: TaskManager

    init(id: TaskID, manager: TaskManager) {
        self.id = id
        self.manager = manager
    }

    /// The record as it stands.
    ///
    /// - Throws: `TaskError` with code `notFound` or `storeUnavailable`.
    public var record: TaskRecord {
        get async throws {
            guard let record = try await manager.find(id) else {
                throw TaskError(.notFound, "There is no such task; it may have been pruned.", taskID: id)
            }
            return record
        }
    }

    /// The result, awaited until the task is finished, wherever it runs.
    ///
    /// Cancelling the waiting task ends the wait, not the task that is waited for.
    /// - Throws: `TaskError` with code `taskFailed` (its `failure` says why), `taskCancelled`, `notFound` or `storeUnavailable`;
    ///   `DecodingError` when the result is of another type; `CancellationError`.
    public var value: Output {
        get async throws {
            for try await update in updates where update.record.isFinished {
                return try Self.value(of: update.record)
            }
            throw TaskError(.storeUnavailable, "The task's updates ended before it was finished.", taskID: id)
        }
    }

    /// How the task stands, then every change, ending with the one that says it is finished.
    public var updates: TaskUpdates { TaskUpdates(hub: manager.hub, interest: .task(id)) }

    /// Asks to stop the task: at once when it is queued, as soon as its handler obeys when it runs.
    ///
    /// - Returns: Whether the task will not run to its end, as far as can be told: false when it was finished already.
    /// - Throws: `TaskError` with code `notFound` or `storeUnavailable`.
    @discardableResult
    public func cancel() async throws -> Bool { try await manager.cancel(id) }

    private static func value(of record: TaskRecord) throws -> Output {
        switch record.status {
        case .done:
            return try (record.result ?? .null).decode(Output.self)
        case .cancelled:
            throw TaskError(.taskCancelled, "The task '\(record.name)' was cancelled.", taskID: record.id)
        case .queued, .running, .failed:
            let failure = record.error
            throw TaskError(
                .taskFailed,
                "The task '\(record.name)' failed: \(failure?.message ?? "for an unknown reason")",
                taskID: record.id,
                failure: failure
            )
        }
    }
}
