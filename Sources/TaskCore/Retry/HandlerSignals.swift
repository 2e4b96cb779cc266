/// Thrown by a handler to say that no further attempt can succeed: the task fails, whatever attempts are left.
public struct PermanentFailure: Error, Sendable, TaskFailureConvertible {
    /// A stable short name for programs.
    public var code: String
    /// Why, for people.
    public var message: String

    /// A failure for ever, with its reason.
    public init(_ message: String, code: String = "permanent_failure") {
        self.code = code
        self.message = message
    }

    /// What is kept of it.
    public var taskFailure: TaskFailure { TaskFailure(code: code, message: message, isRetryable: false) }
}

/// Thrown by a handler to be run again later without using up the attempt: what it waits for is not there yet.
public struct Snooze: Error, Sendable {
    /// How long to wait, 0 or more.
    public var delay: Duration

    /// Run me again after that long.
    public init(_ delay: Duration) { self.delay = delay }
}
