/// A running task that is driven by hand, for work that runs elsewhere: the same lease, fence, progress and history as a worker's.
///
/// Its lease is kept for as long as the value lives. End it with ``complete(_:)``, ``fail(_:retryAfter:)`` or ``cancel()``; let go
/// without that, it fails as `abandoned`.
public final class ManualTask: Sendable {
    private let attempt: RunningAttempt
    private let driver: HandDriver

    init(_ attempt: RunningAttempt, driver: HandDriver) {
        self.attempt = attempt
        self.driver = driver
    }

    deinit { driver.abandon(attempt) }

    /// The task's id.
    public var id: TaskID { attempt.record.id }
    /// The task as it was begun.
    public var record: TaskRecord { attempt.record }
    /// Progress, metadata, checkpoint, and whether the work should stop.
    public var context: TaskContext { TaskContext(attempt) }

    /// Ends the task with a result.
    ///
    /// - Throws: `TaskError` with code `leaseLost` when another attempt may be running, `invalidInput` when the result cannot be written as
    ///   JSON, `storeUnavailable` when the store does not answer: call again.
    public func complete(_ result: some Encodable & Sendable = NoValue()) async throws {
        let followUps = attempt.followUps
        _ = try await driver.finish(attempt, .done(result: JSONText(encoding: result), followUps: followUps))
    }

    /// Ends the attempt with an error; the task is queued again when a delay is given and attempts are left.
    ///
    /// - Throws: As ``complete(_:)``.
    public func fail(_ error: any Error, retryAfter delay: Duration? = nil) async throws {
        let failure = TaskFailure(of: error)
        _ = try await driver.finish(attempt, .failed(failure, retryAfter: failure.isRetryable ? delay : nil))
    }

    /// Ends the task as cancelled, on request or by the driver's own choice.
    ///
    /// - Throws: As ``complete(_:)``.
    public func cancel() async throws { _ = try await driver.finish(attempt, .cancelled) }

    /// Gives the task back to its queue without using up the attempt.
    ///
    /// - Throws: As ``complete(_:)``.
    public func release() async throws { _ = try await driver.finish(attempt, .released) }
}
