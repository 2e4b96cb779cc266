import TaskCore

/// What went wrong between this process and the server.
enum PostgresFault: Error {
    /// The server refused a statement: its SQLSTATE and its words.
    case refused(state: String, message: String)
    /// There is no connection, or not any more; what was under way may have been carried out or not.
    case disconnected(String)
    /// libpq cannot try to connect at all, as its options or files are.
    case misconfigured(String)
    /// No answer came in time; what was under way may have been carried out or not.
    case late

    /// Two transactions met: nothing was done, and the same again may succeed.
    var isCollision: Bool {
        guard case .refused(let state, _) = self else { return false }
        return state == "40001" || state == "40P01"
    }

    /// What was to be written is at fault, and would be refused again: data exceptions, broken constraints, limits that it exceeds.
    ///
    /// Not 23505, a unique key that somebody else took just now: the same again finds who has it.
    var isOfData: Bool {
        guard case .refused(let state, _) = self else { return false }
        return ["22", "23", "54"].contains(state.prefix(2)) && state != "23505"
    }

    /// The connection is of no more use.
    var endsConnection: Bool {
        switch self {
        case .disconnected, .misconfigured, .late: true
        // 57P01–57P03: the server is shutting down, or an administrator ended the session.
        case .refused(let state, _): state.hasPrefix("57P0") || state.hasPrefix("08")
        }
    }

    /// A prepared statement is not where it was left: something between us and the server hands out sessions.
    var isLostStatement: Bool {
        guard case .refused(let state, _) = self else { return false }
        return state == "26000" || state == "42P05"
    }
}

extension TaskError {
    /// The fault in words that tell what to do, without the server's address.
    init(_ fault: PostgresFault) {
        switch fault {
        case .late:
            self.init(
                .storeUnavailable,
                "PostgreSQL did not answer in time; the call may or may not have been carried out."
            )
        case .disconnected(let reason), .misconfigured(let reason):
            self.init(.storeUnavailable, "PostgreSQL cannot be reached: \(reason)")
        case .refused(let state, let reason) where state.hasPrefix("57P0") || state.hasPrefix("08"):
            self.init(.storeUnavailable, "PostgreSQL cannot be reached: \(reason)")
        case .refused("22021", let message), .refused("22P05", let message):
            self.init(.invalidInput, "PostgreSQL cannot keep a character of the text: \(message)")
        case .refused(let state, let message) where fault.isOfData:
            self.init(.invalidInput, "PostgreSQL cannot keep a value: \(message) (SQLSTATE \(state)).")
        case .refused(let state, let message):
            self.init(state: state, message: message)
        }
    }

    private init(state: String, message: String) {
        switch state {
        case "42P01", "42703", "42883", "3F000":
            self.init(
                .schemaMismatch,
                "The PostgreSQL schema is not this version's (\(message)); call migrate() first."
            )
        case "42501":
            self.init(
                .storeUnavailable,
                "PostgreSQL refused: \(message); see Docs/postgres.md for the rights that are needed."
            )
        case "53100":
            self.init(.storeUnavailable, "The disk of PostgreSQL is full; nothing was written. Free some space.")
        case "53300":
            self.init(
                .storeUnavailable,
                "PostgreSQL takes no more connections; raise max_connections or use PgBouncer."
            )
        case "57014":
            self.init(.storeUnavailable, "PostgreSQL ended a statement that took too long; nothing was written.")
        case "25006":
            self.init(.storeUnavailable, "PostgreSQL is read-only here; connect to the primary server.")
        default:
            self.init(.storeUnavailable, "PostgreSQL refused: \(message) (SQLSTATE \(state)).")
        }
    }

    /// The error as a store may throw it.
    static func from(_ error: any Error) -> any Error {
        (error as? PostgresFault).map { TaskError($0) } ?? error
    }
}
