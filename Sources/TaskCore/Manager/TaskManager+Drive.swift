extension TaskManager {
    /// Begins a task that is driven by hand: stored and running when this returns, held by this process.
    ///
    /// It has one attempt unless the options say otherwise: when this process dies, it fails as `worker_lost`.
    /// - Throws: `TaskError` with code `invalidInput`, `wrongStatus` when it exists already, `idempotencyConflict`, `storeUnavailable`.
    public func begin(
        _ name: String,
        input: some Encodable & Sendable = NoValue(),
        options: EnqueueOptions = EnqueueOptions()
    ) async throws -> ManualTask {
        ManualTask(try await driver.begin(Self.byHand(name, try JSONText(encoding: input), options)), driver: driver)
    }

    /// Claims a waiting task of a queue to drive it by hand, as a worker would; nil when none is ready.
    ///
    /// - Throws: `TaskError` with code `storeUnavailable`.
    public func claim(from queue: String) async throws -> ManualTask? {
        try await driver.claim(from: queue).map { ManualTask($0, driver: driver) }
    }

    /// Runs a closure here and now, visible as a task: with progress, cancellable from anywhere, kept with its result or error.
    ///
    /// - Parameters:
    ///   - name: The task's name.
    ///   - total: Units in all, if known.
    ///   - options: What is said beyond the name; one attempt in the queue `by-hand` unless said otherwise.
    ///   - body: The work. It is cancelled when somebody cancels the task, or the calling task is cancelled.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws; `TaskError` as ``begin(_:input:options:)`` and with code `leaseLost`.
    public func run<Result: Codable & Sendable>(
        _ name: String,
        total: Double? = nil,
        options: EnqueueOptions = EnqueueOptions(),
        _ body: @escaping @Sendable (TaskContext) async throws -> Result
    ) async throws -> Result {
        let attempt = try await driver.begin(Self.byHand(name, .null, options))
        let context = TaskContext(attempt)
        if let total { context.report(0, of: total) }
        let work = Task { try await body(context) }
        attempt.runs(cancelledBy: Canceller { work.cancel() })
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        // Does nothing once the task is ended.
        defer { driver.abandon(attempt) }
        switch result {
        case .success(let value):
            let followUps = attempt.followUps
            let outcome = Finish.Outcome.done(result: try JSONText(encoding: value), followUps: followUps)
            _ = try await driver.finishPatiently(attempt, outcome)
            return value
        case .failure(let error):
            let wasCancelled =
                error is CancellationError && (attempt.stopReason == .cancelRequested || Task.isCancelled)
            _ = try await driver.finishPatiently(
                attempt,
                wasCancelled ? .cancelled : .failed(TaskFailure(of: error), retryAfter: nil)
            )
            throw error
        }
    }

    private static func byHand(_ name: String, _ input: JSONText, _ options: EnqueueOptions) -> NewTask {
        NewTask(
            name: name,
            input: input,
            queue: options.queue ?? "by-hand",
            priority: options.priority ?? 0,
            metadata: options.metadata,
            maxAttempts: options.maxAttempts ?? 1,
            timeout: options.timeout,
            owner: options.owner,
            parent: options.parent,
            idempotency: options.idempotency,
            uniqueKey: options.uniqueKey,
            followUps: options.followUps
        )
    }
}

/// Cancels a closure's task.
private final class Canceller: AttemptCanceller {
    private let action: @Sendable () -> Void
    init(_ action: @escaping @Sendable () -> Void) { self.action = action }
    func cancel(_ attempt: RunningAttempt) { action() }
}
