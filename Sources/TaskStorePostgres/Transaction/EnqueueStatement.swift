public import TaskCore

/// An enqueue as SQL, for whatever driver the caller's connection belongs to.
///
/// It answers one row of two texts, `outcome` and `task`: pass them to ``EnqueueOutcome/init(outcome:task:)``.
public struct EnqueueStatement: Hashable, Sendable {
    /// The task's id, which the answer names too unless the task was there before.
    public let taskID: TaskID
    /// One statement, the same for every task of a schema, with parameters `$1` to `$15`, each of type `text`.
    public let sql: String
    /// The parameters' values, nil for NULL.
    public let parameters: [String?]
}

/// What became of a task that was enqueued within the caller's transaction.
public enum EnqueueOutcome: Hashable, Sendable {
    /// Stored, once the transaction is committed.
    case inserted(TaskID)
    /// The id, the idempotency key or the unique key is that of this stored task; nothing changed.
    case existing(TaskID)
    /// The idempotency key was used for another name or input, by the task of this id; nothing was stored.
    case conflict(TaskID)

    /// Reads the row that an ``EnqueueStatement`` answered.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch` for anything else.
    public init(outcome: String, task: String) throws {
        switch (outcome, TaskID(task)) {
        case ("inserted", let id?): self = .inserted(id)
        case ("existing", let id?): self = .existing(id)
        case ("conflict", let id?): self = .conflict(id)
        default:
            throw TaskError(.schemaMismatch, "PostgreSQL answered an enqueue with what this program does not know.")
        }
    }

    /// The task that this is about.
    public var taskID: TaskID {
        switch self {
        case .inserted(let id), .existing(let id), .conflict(let id): id
        }
    }
}
