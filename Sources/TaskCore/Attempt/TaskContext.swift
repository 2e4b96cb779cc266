#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
public import Logging
import Tracing

/// What a running attempt can say and ask. A value to pass along freely; after the attempt is over, what is said to it goes nowhere.
public struct TaskContext: Sendable {
    let attempt: RunningAttempt

    package init(_ attempt: RunningAttempt) { self.attempt = attempt }

    /// The task's id: a good key for effects that must not be repeated.
    public var id: TaskID { attempt.record.id }
    /// The record as it was claimed.
    public var record: TaskRecord { attempt.record }
    /// Which attempt this is, from 1.
    public var number: Int { attempt.record.attempts }
    /// Whether no attempt is left after this one.
    public var isLastAttempt: Bool { number >= attempt.record.maxAttempts }
    /// When the attempt will be stopped; nil without a timeout.
    public var deadline: Date? { attempt.deadline }
    /// A logger that names the task, its type and the attempt.
    public var logger: Logger { attempt.logger }

    // MARK: Cancellation

    /// Whether the attempt should stop: its task was cancelled, its time is over, its lease is lost, or its worker drains.
    public var isCancelled: Bool { attempt.stopReason != nil || Task.isCancelled }

    /// - Throws: `CancellationError` when the attempt should stop.
    public func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }

    // MARK: Progress

    /// How far the attempt has come.
    public var progress: TaskProgress { attempt.progress }

    /// Reports how far the attempt has come. Never blocks, costs nanoseconds, and is written at most four times a second.
    ///
    /// Anything may be passed: what is kept is in range and never goes back.
    /// - Parameters:
    ///   - processed: Units processed so far.
    ///   - total: Units in all; nil: as reported before.
    ///   - message: What is being done, for people; nil: as reported before.
    public func report(_ processed: Double, of total: Double? = nil, message: String? = nil) {
        attempt.report { TaskProgress(processed: processed, total: total ?? $0.total, message: message ?? $0.message) }
    }

    /// Reports that so many more units are processed.
    public func advance(by units: Double = 1, message: String? = nil) {
        attempt.report {
            TaskProgress(processed: $0.processed + units, total: $0.total, message: message ?? $0.message)
        }
    }

    /// Reports a part done, 0…1, for work that has no units.
    public func report(fraction: Double, message: String? = nil) {
        report(fraction, of: 1, message: message)
    }

    /// Says what is being done, for people.
    public func report(message: String) {
        attempt.report { TaskProgress(processed: $0.processed, total: $0.total, message: message) }
    }

    // MARK: Metadata

    /// The task's metadata, with what this attempt set.
    public var metadata: TaskMetadata { attempt.metadata }

    /// The member of that key decoded as the default's type; the default when it is missing or of another type.
    public func metadata<Value: Codable>(_ key: String, default fallback: Value) -> Value {
        attempt.metadata.get(key, default: fallback)
    }

    /// Sets members of the task's metadata; others stay. Written within 250 ms, and with the attempt's end at the latest.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when all members together are larger than 64 KiB, nested deeper than 32
    ///   levels, or cannot be written as JSON.
    public func setMetadata(_ members: TaskMetadata) throws {
        var all = attempt.metadata
        all.merge(members)
        try all.check(of: "task \(id)")
        attempt.merge(members)
    }

    // MARK: Checkpoint

    /// What an earlier attempt saved, decoded; nil when none did.
    ///
    /// - Throws: `DecodingError` when it is of another shape.
    public func checkpoint<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value? {
        try attempt.checkpoint?.decode(Value.self)
    }

    /// Saves where a next attempt can go on. When this returns it is as durable as the store makes things.
    ///
    /// - Throws: `TaskError` with code `leaseLost` when the attempt does not hold the task any more, `invalidInput` when the value
    ///   cannot be written as JSON, `storeUnavailable` when the store does not answer.
    public func saveCheckpoint(_ value: some Encodable & Sendable) async throws {
        try await attempt.save(checkpoint: JSONText(encoding: value))
    }

    // MARK: Follow-ups

    /// Enqueues a task when this one is done, in the same transaction; dropped when the attempt fails.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when the task cannot be enqueued.
    public func enqueueWhenDone(_ task: NewTask) throws {
        let task = try task.validated()
        attempt.add(followUp: InstrumentationContext.current.map(task.carrying) ?? task)
    }
}
