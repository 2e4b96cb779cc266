#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One execution of a task, as its history keeps it.
public struct Attempt: Hashable, Sendable, Codable {
    /// How an attempt ended.
    public enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        /// It returned a result.
        case done
        /// It threw.
        case failed
        /// It ran longer than its timeout.
        case timedOut
        /// Its worker's lease ran out.
        case workerLost
        /// It stopped because the task was cancelled.
        case cancelled
        /// It asked to be run later; the attempt is not used up.
        case snoozed
        /// Its worker drained and gave the task back; the attempt is not used up.
        case released
    }

    /// Which attempt this was within its budget, from 1. An attempt that was snoozed or released has the same number as the next.
    public var number: Int
    /// The fence of its claim: unique within the task, in order of execution.
    public var fence: Int64
    /// Who ran it.
    public var worker: WorkerID
    /// When it was claimed.
    public var startedAt: Date
    /// When it ended; nil while it runs.
    public var finishedAt: Date?
    /// How it ended; nil while it runs.
    public var outcome: Outcome?
    /// Why it failed, for `failed`, `timedOut` and `workerLost`.
    public var failure: TaskFailure?

    /// An attempt with these parts.
    public init(
        number: Int,
        fence: Int64,
        worker: WorkerID,
        startedAt: Date,
        finishedAt: Date? = nil,
        outcome: Outcome? = nil,
        failure: TaskFailure? = nil
    ) {
        self.number = number
        self.fence = fence
        self.worker = worker
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.failure = failure
    }
}
