#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
public import TaskCore

/// One attempt of a task that ``perform(_:_:options:clock:)`` ran, and what came of it.
public struct PerformedTask<Output: Decodable & Sendable>: Sendable {
    /// The task afterwards. `queued` when it will be run again: by a retry, or because it snoozed.
    public let record: TaskRecord
    /// The attempt, with its outcome and failure.
    public let attempt: Attempt
    /// The tasks enqueued when it was done, in order of their ids.
    public let followUps: [TaskRecord]

    /// What the handler returned.
    ///
    /// - Throws: `TaskError` with code `taskFailed` or `taskCancelled` when it returned nothing; `DecodingError` when what it returned
    ///   cannot be decoded again.
    public var output: Output {
        get throws {
            guard record.status == .done, let result = record.result else {
                throw TaskError(
                    attempt.outcome == .cancelled ? .taskCancelled : .taskFailed,
                    "The attempt ended as \(attempt.outcome?.rawValue ?? "running"): \(attempt.failure?.message ?? "no error")",
                    taskID: record.id,
                    failure: attempt.failure
                )
            }
            return try result.decode(Output.self)
        }
    }
}

/// Runs one attempt of a task of a type, by a real worker on an in-memory store: input and output take the way over JSON, progress,
/// metadata, follow-ups, timeouts and errors are kept as they would be.
///
/// A handler that fails is not run again, whatever its retry policy says: look at the record. To see it through its retries, use
/// ``TaskCore/TaskManager/drain(until:clock:maxAttempts:definitions:)``.
///
/// - Parameters:
///   - definition: The task type.
///   - input: What it is given.
///   - options: As for an enqueue; a later `runAt` is waited for on the clock, not in fact.
///   - clock: The store's clock, for handlers whose outcome depends on it.
/// - Throws: `TaskError` with code `invalidInput` when the task cannot be enqueued. What the handler throws is kept in the record.
public func perform<Definition: TaskDefinition>(
    _ definition: Definition,
    _ input: Definition.Input,
    options: EnqueueOptions = EnqueueOptions(),
    clock: ManualClock = ManualClock()
) async throws -> PerformedTask<Definition.Output> {
    let task = try NewTask(Definition.self, input, options: options)
    if let runAt = task.runAt, runAt > clock.now() { clock.set(runAt) }
    let store = DrivenStore(MemoryTaskStore(clock: clock), maxClaims: 1)
    let manager = try await TaskManager(store: store)
    try await manager.enqueue([task])
    var configuration = TaskWorker.Configuration(queues: [.init(task.queue, concurrency: 1)])
    configuration.pollInterval = .milliseconds(20)
    let worker = try TaskWorker(manager, configuration: configuration) { definition }
    try await worker.whileRunning {
        for await _ in store.events {
            guard let record = try await store.tasks([task.id])[0] else { break }
            if record.fence > 0, record.status != .running { break }
        }
    }
    guard let record = try await store.tasks([task.id])[0], let attempt = try await store.attempts(of: task.id).last
    else { throw TaskError(.notFound, "The task that was to be performed is gone.", taskID: task.id) }
    let children = try await store.list(TaskQuery(TaskFilter(parent: task.id), order: .oldestFirst, limit: 1000))
    await manager.close()
    return PerformedTask(record: record, attempt: attempt, followUps: children.records)
}

/// Runs one attempt of a task of a type that takes no input, as ``perform(_:_:options:clock:)`` does.
///
/// - Throws: As ``perform(_:_:options:clock:)``.
public func perform<Definition: TaskDefinition>(
    _ definition: Definition,
    options: EnqueueOptions = EnqueueOptions(),
    clock: ManualClock = ManualClock()
) async throws -> PerformedTask<Definition.Output> where Definition.Input == NoValue {
    try await perform(definition, NoValue(), options: options, clock: clock)
}
