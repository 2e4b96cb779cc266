import CLibPQ
public import TaskCore

extension PostgresTransactionalEnqueue {
    /// Stores a task on a libpq connection of the caller's, within the transaction that is open on it; without one, at once.
    ///
    /// Blocks until the server answers, so call it on the thread that the connection belongs to, never on Swift's pool. The connection
    /// is the caller's: not in pipeline mode, nothing under way on it, its `client_encoding` UTF8, and the libpq that made it the one this
    /// program is linked to. When this throws what the server said, the transaction has failed, as after any statement.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - connection: The `PGconn *`.
    /// - Throws: `TaskError` with code `invalidInput` when a part is out of range or the connection cannot be used now, `schemaMismatch`
    ///   or `storeUnavailable`.
    @available(*, noasync, message: "It blocks its thread; send a statement(for:) by an asynchronous driver instead.")
    public func enqueue(_ task: NewTask, on connection: OpaquePointer) throws -> EnqueueOutcome {
        let statement = try statement(for: task)
        return try CallerConnection(handle: connection).run(statement)
    }

    /// Stores a task of a type on a libpq connection of the caller's.
    ///
    /// - Throws: As ``enqueue(_:on:)``.
    @available(*, noasync, message: "It blocks its thread; send a statement(for:) by an asynchronous driver instead.")
    public func enqueue<Definition: TaskDefinition>(
        _ type: Definition.Type,
        _ input: Definition.Input,
        options: EnqueueOptions = EnqueueOptions(),
        on connection: OpaquePointer
    ) throws -> EnqueueOutcome {
        try enqueue(NewTask(type, input, options: options), on: connection)
    }
}

/// A libpq connection that is somebody else's: nothing about it is changed.
private struct CallerConnection {
    let handle: OpaquePointer

    func run(_ statement: EnqueueStatement) throws -> EnqueueOutcome {
        try check()
        let answer = withCStrings(statement.parameters) { values in
            PQexecParams(handle, statement.sql, Int32(statement.parameters.count), nil, values, nil, nil, 0)
        }
        guard let answer else { throw TaskError(PostgresFault.disconnected(PostgresConnection.message(handle))) }
        defer { PQclear(answer) }
        guard PQresultStatus(answer) == PGRES_TUPLES_OK else {
            throw TaskError(PostgresConnection.fault(of: answer, handle))
        }
        return try EnqueueOutcome(outcome: text(answer, 0), task: text(answer, 1))
    }

    private func check() throws {
        guard PQstatus(handle) == CONNECTION_OK else {
            throw TaskError(.storeUnavailable, "The connection to PostgreSQL is closed.")
        }
        guard PQpipelineStatus(handle) == PQ_PIPELINE_OFF else {
            throw TaskError(.invalidInput, "The connection is in pipeline mode; send a statement(for:) yourself there.")
        }
        // libpq would throw away the results that nobody has read yet.
        guard PQtransactionStatus(handle) != PQTRANS_ACTIVE else {
            throw TaskError(.invalidInput, "A command is under way on the connection; read its results first.")
        }
        guard PQparameterStatus(handle, "client_encoding").map({ String(cString: $0) }) == "UTF8" else {
            throw TaskError(.invalidInput, "The connection's client_encoding is not UTF8, which a task's texts are in.")
        }
    }

    /// Empty where there is no such value.
    private func text(_ answer: OpaquePointer, _ column: Int32) -> String {
        PQntuples(answer) == 1 ? PQgetvalue(answer, 0, column).map { String(cString: $0) } ?? "" : ""
    }
}
