public import TaskCore

/// Stores tasks within a transaction of the caller's own: they are there if and only if what they belong to is.
///
/// Workers see a task when the transaction commits, and are woken then. Needs no store in this process; the schema must have been migrated.
/// See `Docs/postgres.md` for examples, rights and what to mind.
public struct PostgresTransactionalEnqueue: Sendable {
    private let text: Statement

    /// - Parameter schema: The schema of the task tables.
    /// - Throws: `TaskError` with code `invalidInput` when it cannot be a schema's name.
    public init(schema: String = "taskcore") throws {
        try SQLText.check(schema: schema)
        self.init(SQLText(schema: schema))
    }

    init(_ sql: SQLText) { text = sql.enqueueAndNotify }

    /// The statement that stores a task, for a driver of the caller's.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when a part is out of range.
    public func statement(for task: NewTask) throws -> EnqueueStatement {
        let task = try task.validated().carryingCurrentTrace()
        return EnqueueStatement(
            taskID: task.id,
            sql: text.sql,
            parameters: [
                task.id.description,
                task.name,
                task.input.text,
                task.queue,
                String(task.priority),
                task.runAt.map { String($0.microseconds) },
                String(task.maxAttempts),
                task.timeout.map { String($0.wholeMicroseconds) },
                try task.metadata.column,
                task.owner,
                task.parent?.description,
                task.uniqueKey,
                task.idempotency?.key,
                task.idempotency?.timeToLive.map { String($0.leaseMicroseconds) },
                try task.optionsColumn,
            ]
        )
    }

    /// The statement that stores a task of a type, for a driver of the caller's.
    ///
    /// - Throws: As ``statement(for:)``.
    public func statement<Definition: TaskDefinition>(
        for type: Definition.Type,
        _ input: Definition.Input,
        options: EnqueueOptions = EnqueueOptions()
    ) throws -> EnqueueStatement {
        try statement(for: NewTask(type, input, options: options))
    }
}
