/// A task type: what is asked for, what comes back, and how it is done.
///
/// Register it where the worker is made; enqueue by its type. A run may happen more than once (a lost worker's tasks run
/// again), so its effects should be safe to repeat: write under a key made from the input, use the task's id as a key elsewhere.
///
/// What an implementer owes:
/// - **Obey cancellation**: await cancellable things, or call ``TaskContext/checkCancellation()`` now and then. A handler that does not
///   return within the worker's grace is reported as stuck, and its late result is refused.
/// - **Never block** a thread of Swift's pool for long; heartbeats survive it, other handlers do not.
/// - **Throw** to fail: ``PermanentFailure`` for never again, ``Snooze`` for later, anything else is retried as ``TaskDefaults/retry`` says.
public protocol TaskDefinition<Input, Output>: Sendable {
    /// What a task is given. Encoded as JSON; give members added later a default, old tasks may be waiting.
    associatedtype Input: Codable & Sendable
    /// What a task returns. Encoded as JSON, at most 1 MiB.
    associatedtype Output: Codable & Sendable

    /// The name that stored tasks carry, 1…200 bytes: never change it while tasks are waiting.
    static var name: String { get }

    /// What a task gets unless its enqueuer says otherwise.
    static var defaults: TaskDefaults { get }

    /// Does the work once.
    ///
    /// - Parameters:
    ///   - input: What was asked for.
    ///   - context: Progress, metadata, checkpoint, logger, deadline and cancellation of this attempt.
    func run(_ input: Input, context: TaskContext) async throws -> Output
}

extension TaskDefinition {
    /// The queue `default`, priority 0, five attempts with exponential backoff, no timeout.
    public static var defaults: TaskDefaults { TaskDefaults() }
}

/// What a task of a type gets unless its enqueuer says otherwise.
public struct TaskDefaults: Sendable {
    /// The queue.
    public var queue: String
    /// Higher runs first, from −32768 to 32767.
    public var priority: Int
    /// How many attempts may be used up, 1…1000.
    public var maxAttempts: Int
    /// When a failed attempt is followed by another.
    public var retry: RetryPolicy
    /// How long one attempt may run; nil for as long as it takes.
    public var timeout: Duration?

    /// Defaults with these parts.
    public init(
        queue: String = "default",
        priority: Int = 0,
        maxAttempts: Int = 5,
        retry: RetryPolicy = .exponential(),
        timeout: Duration? = nil
    ) {
        self.queue = queue
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.retry = retry
        self.timeout = timeout
    }
}
