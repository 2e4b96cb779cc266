import TaskCore

/// What every connection of a store has in common.
struct ConnectionSettings: Sendable {
    var target: ConnectionTarget
    let sql: SQLText
    let callTimeout: Duration
    let connectTimeout: Duration
    /// nil: on, unless something between us and the server hands out sessions.
    let preparedStatements: Bool?
    let testClock: (any TaskClock)?
    let telemetry: PostgresTelemetry
    var purpose = Purpose.looking

    /// What the connection is for.
    enum Purpose {
        /// The same few statements, again and again.
        case work
        /// Any question.
        case looking
    }
}

extension ConnectionSettings {
    /// Opens a connection and brings it into the state that calls rely on.
    ///
    /// - Returns: The connection, and whether a pooler is in between that gives each transaction another session.
    func open(until deadline: ContinuousClock.Instant) throws -> (connection: PostgresConnection, isPooled: Bool) {
        let probe = Command(
            Statement(
                "SELECT pg_backend_pid(), current_setting('server_encoding'), current_setting('server_version_num')::int"
            )
        )
        var connection = try PostgresConnection(target, preparing: preparedStatements ?? true, until: deadline)
        let result = try connection.run([probe], until: deadline)
        guard let answer = result.first, answer.count == 1 else {
            throw PostgresFault.disconnected("it does not answer as PostgreSQL does")
        }
        guard answer.text(0, 1) == "UTF8" else {
            throw TaskError(
                .schemaMismatch,
                "The PostgreSQL database keeps its texts as \(answer.text(0, 1)); a task store needs one with encoding UTF8."
            )
        }
        guard answer.int32(0, 2) >= 130_000 else {
            throw TaskError(.schemaMismatch, "PostgreSQL 13 or later is needed.")
        }
        let isPooled = answer.int32(0, 0) != connection.announcedProcess
        if isPooled, preparedStatements == nil {
            connection = try PostgresConnection(target, preparing: false, until: deadline)
        }
        // What is set in a pooler's session would be found by others.
        if !isPooled {
            let planning = purpose == .work ? [Self.planning(isLocal: false)] : []
            _ = try connection.run(sessionSettings + planning, until: deadline)
        }
        return (connection, isPooled)
    }

    /// The same for connections with that purpose.
    func `for`(_ purpose: Purpose) -> ConnectionSettings {
        var settings = self
        settings.purpose = purpose
        return settings
    }

    /// The same for another address, where one is given.
    func listening(at target: ConnectionTarget?) -> ConnectionSettings {
        guard let target else { return self }
        var settings = self
        settings.target = target
        return settings
    }

    /// The work's statements find rows by their ids and places. Plans made while the tables were small, and kept, would walk
    /// through them, and never be made anew: what that costs grows with the square of the tasks.
    ///
    /// What is switched off counts as very dear, which would have the server compile plans for a third of a second: so that is off too.
    ///
    /// - Parameter isLocal: For the transaction alone, where the session is a pooler's.
    static func planning(isLocal: Bool) -> Command {
        Command(planningStatement) { $0.add(isLocal) }
    }

    private static let planningStatement = Statement(
        name: "taskcore_planning",
        sql: """
            SELECT
                set_config('enable_seqscan', 'off', $1), set_config('enable_sort', 'off', $1),
                set_config('enable_bitmapscan', 'off', $1), set_config('plan_cache_mode', 'force_generic_plan', $1),
                set_config('jit', 'off', $1)
            """
    )

    private var sessionSettings: [Command] {
        // More than 24 days is more than the server can be told.
        let milliseconds = Int32(min(max(1, callTimeout / .milliseconds(1)), Double(Int32.max)))
        return [
            "SET statement_timeout = \(milliseconds)",
            "SET lock_timeout = \(milliseconds)",
            // A process that was stopped in the middle must not keep others from its rows.
            "SET idle_in_transaction_session_timeout = 10000",
            "SET default_transaction_isolation = 'read committed'",
            "SET default_transaction_read_only = off",
            "SET jit = off",
            "SET client_min_messages = warning",
        ].map { Command(Statement($0)) }
    }
}
