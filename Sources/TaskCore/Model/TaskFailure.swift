/// Why an attempt, and with it perhaps the task, failed: what is kept of an error.
public struct TaskFailure: Hashable, Sendable, Codable {
    /// A stable short name, as in `timed_out`, `worker_lost`, `undecodable_input`, or what a handler's error names itself.
    public var code: String
    /// What a person should read; cut to 8 KiB, U+0000 removed.
    public var message: String
    /// Whether another attempt could succeed.
    public var isRetryable: Bool

    /// A failure with its texts cut to what is kept.
    public init(code: String, message: String, isRetryable: Bool) {
        self.code = TextLimit.message.cut(code)
        self.message = TextLimit.error.cut(message)
        self.isRetryable = isRetryable
    }
}

extension TaskFailure {
    /// The code of a failure that nobody named.
    public static let handlerErrorCode = "handler_error"

    package static func workerLost(_ worker: WorkerID?) -> TaskFailure {
        TaskFailure(
            code: "worker_lost",
            message: "Worker \(worker?.rawValue ?? "unknown") stopped renewing its lease while it ran the task.",
            isRetryable: true
        )
    }

    package static let deadlinePassed = TaskFailure(
        code: "timed_out",
        message: "The attempt ran past its deadline.",
        isRetryable: true
    )

    package static func timedOut(after timeout: Duration) -> TaskFailure {
        TaskFailure(
            code: "timed_out",
            message: "The attempt ran longer than its timeout of \(timeout.readable).",
            isRetryable: true
        )
    }

    package static func unknownName(_ name: String) -> TaskFailure {
        TaskFailure(
            code: "unknown_task_name",
            message: "No task type named '\(name)' is registered with this worker; register it, or let a worker that "
                + "knows it serve this queue.",
            isRetryable: true
        )
    }

    package static func undecodableInput(_ name: String, _ error: any Error) -> TaskFailure {
        TaskFailure(
            code: "undecodable_input",
            message: "The input does not fit the task type '\(name)': \(error.readable)",
            isRetryable: true
        )
    }
}

/// An error that knows how it wants to be kept as a failure; others are kept with code `handler_error` and their description.
public protocol TaskFailureConvertible: Error {
    /// What to keep. `isRetryable` false ends the task whatever attempts are left.
    var taskFailure: TaskFailure { get }
}
