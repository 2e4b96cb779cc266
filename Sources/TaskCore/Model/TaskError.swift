/// What went wrong when the library was asked for something.
///
/// Expected outcomes of a store (stale, existing, conflict, not found) are return values of ``TaskStore``; the facade turns
/// those that its caller cannot go on with into this error. The message names the task, never a secret or a server path.
public struct TaskError: Error, Sendable, Hashable {
    /// The kind of error: stable, extensible, to be switched over with a default.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The stable name, as in an HTTP answer's `code`.
        public let rawValue: String
        /// A code with that stable name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// What was passed in cannot be accepted; the message says why.
        public static let invalidInput = Code(rawValue: "invalid_input")
        /// There is no such task.
        public static let notFound = Code(rawValue: "not_found")
        /// The idempotency key was used before with another task name or input.
        public static let idempotencyConflict = Code(rawValue: "idempotency_conflict")
        /// The task's status does not allow the command; the message says which status it has.
        public static let wrongStatus = Code(rawValue: "wrong_status")
        /// The task is at another version than expected.
        public static let versionConflict = Code(rawValue: "version_conflict")
        /// The lease was lost: another attempt may be running, and this one's writes change nothing.
        public static let leaseLost = Code(rawValue: "lease_lost")
        /// The task failed; thrown by ``TaskHandle/value``.
        public static let taskFailed = Code(rawValue: "task_failed")
        /// The task was cancelled; thrown by ``TaskHandle/value``.
        public static let taskCancelled = Code(rawValue: "task_cancelled")
        /// The store cannot be reached or refuses to work (disk full, locked, corrupt); worth trying again later.
        public static let storeUnavailable = Code(rawValue: "store_unavailable")
        /// The store's schema is not the one that this version works with.
        public static let schemaMismatch = Code(rawValue: "schema_mismatch")
    }

    /// The kind of error.
    public let code: Code
    /// What was wrong and what to do, for people.
    public let message: String
    /// The task it is about, if any.
    public let taskID: TaskID?
    /// Why the task failed, for code `taskFailed`.
    public let failure: TaskFailure?

    /// An error of that kind.
    public init(_ code: Code, _ message: String, taskID: TaskID? = nil, failure: TaskFailure? = nil) {
        self.code = code
        self.message = message
        self.taskID = taskID
        self.failure = failure
    }
}

extension TaskError: CustomStringConvertible {
    /// The message, with the code and the task it is about.
    public var description: String {
        taskID.map { "\(message) [\(code.rawValue), task \($0)]" } ?? "\(message) [\(code.rawValue)]"
    }
}
