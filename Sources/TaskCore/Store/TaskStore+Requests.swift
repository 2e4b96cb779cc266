#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A task to store.
public struct EnqueueRequest: Hashable, Sendable {
    /// The task.
    public var task: NewTask
    /// Set for a task driven by hand: it is claimed by this worker in the same transaction (``ClaimRequest`` says what a claim does).
    public var claimedBy: WorkerID?
    /// How long that worker's lease is renewed for.
    public var leaseDuration: Duration

    /// A task to store, claimed at once where `claimedBy` is given.
    public init(_ task: NewTask, claimedBy: WorkerID? = nil, leaseDuration: Duration = .seconds(20)) {
        self.task = task
        self.claimedBy = claimedBy
        self.leaseDuration = leaseDuration
    }

    /// What 'the same request' means for an idempotency key: opaque text that a store keeps with the key and compares.
    ///
    /// It is the name and the input themselves rather than a digest: exact, and TaskCore needs no cryptography.
    public var fingerprint: String { "\(task.name)\n\(task.input.text)" }
}

/// What became of a task to store.
public enum EnqueueResult: Hashable, Sendable {
    /// Stored; the record as stored, running with fence 1 where it was claimed at once.
    case inserted(TaskRecord)
    /// The id, the idempotency key or the unique key is that of this stored task; nothing changed.
    case existing(TaskRecord)
    /// The idempotency key was used for another name or input, by the task of this id; nothing was stored.
    case conflict(TaskID)
}

/// A worker asks for work.
public struct ClaimRequest: Hashable, Sendable {
    /// Who asks.
    public var worker: WorkerID
    /// How many of each queue, in the order they should be looked at. Limits of 0 or less claim nothing.
    public var queues: [QueueLimit]
    /// How long the worker's lease is renewed for.
    public var leaseDuration: Duration

    /// How many tasks of a queue.
    public struct QueueLimit: Hashable, Sendable {
        /// The queue.
        public var queue: String
        /// At most this many.
        public var limit: Int

        /// At most `limit` tasks of a queue.
        public init(_ queue: String, limit: Int) {
            self.queue = queue
            self.limit = limit
        }
    }

    /// A worker asks for work.
    public init(worker: WorkerID, queues: [QueueLimit], leaseDuration: Duration = .seconds(20)) {
        self.worker = worker
        self.queues = queues
        self.leaseDuration = leaseDuration
    }
}

/// What a worker got.
public struct ClaimReply: Hashable, Sendable {
    /// The claimed tasks, running.
    public var tasks: [ClaimedTask]
    /// When the next task of the asked queues becomes due that is not now, if any: so that delayed tasks start on time.
    public var nextRunAt: Date?

    /// A reply with these parts.
    public init(tasks: [ClaimedTask], nextRunAt: Date? = nil) {
        self.tasks = tasks
        self.nextRunAt = nextRunAt
    }
}

/// A task that a worker may run.
public struct ClaimedTask: Hashable, Sendable {
    /// The record, running.
    public var record: TaskRecord
    /// What an earlier attempt saved, if any.
    public var checkpoint: JSONText?

    /// A claimed task with these parts.
    public init(record: TaskRecord, checkpoint: JSONText? = nil) {
        self.record = record
        self.checkpoint = checkpoint
    }

    /// The right to finish it.
    public var lease: Lease {
        Lease(task: record.id, fence: record.fence, worker: record.worker ?? WorkerID(rawValue: ""))
    }
}

/// What a running attempt has to say.
public struct TaskReport: Hashable, Sendable {
    /// Whose report it is.
    public var lease: Lease
    /// How far it came, if that changed.
    public var progress: TaskProgress?
    /// Metadata to merge, if any.
    public var metadata: TaskMetadata
    /// What the next attempt should read, if that changed; replaces what was there.
    public var checkpoint: JSONText?

    /// A report with these parts.
    public init(lease: Lease, progress: TaskProgress? = nil, metadata: TaskMetadata = [:], checkpoint: JSONText? = nil)
    {
        self.lease = lease
        self.progress = progress
        self.metadata = metadata
        self.checkpoint = checkpoint
    }

    /// Whether there is nothing to write.
    public var isEmpty: Bool { progress == nil && metadata.isEmpty && checkpoint == nil }
}

/// A worker's sign of life.
public struct WorkerBeat: Hashable, Sendable {
    /// Whose.
    public var worker: WorkerID
    /// How long its lease is renewed for.
    public var leaseDuration: Duration
    /// What it believes to hold: the reply names those it does not.
    public var held: [Lease]
    /// What its attempts report.
    public var reports: [TaskReport]

    /// A beat with these parts.
    public init(
        worker: WorkerID,
        leaseDuration: Duration = .seconds(20),
        held: [Lease] = [],
        reports: [TaskReport] = []
    ) {
        self.worker = worker
        self.leaseDuration = leaseDuration
        self.held = held
        self.reports = reports
    }
}

/// What a worker has to know.
public struct BeatReply: Hashable, Sendable {
    /// Whether the worker's lease was still good when the beat came; false also for a worker not known before.
    public var wasAlive: Bool
    /// Those of `held` and of the reports' leases that are not the running attempt of their task any more.
    public var lost: [Lease]
    /// The tasks this worker runs whose cancellation was asked for.
    public var cancelRequested: [TaskID]

    /// A reply with these parts.
    public init(wasAlive: Bool, lost: [Lease] = [], cancelRequested: [TaskID] = []) {
        self.wasAlive = wasAlive
        self.lost = lost
        self.cancelRequested = cancelRequested
    }
}

/// The end of an attempt.
public struct Finish: Hashable, Sendable {
    /// How it ended.
    public enum Outcome: Hashable, Sendable {
        /// It succeeded; the follow-ups are enqueued in the same transaction, with the task as their parent where they name none.
        case done(result: JSONText, followUps: [NewTask])
        /// It threw; `retryAfter` nil: never again.
        case failed(TaskFailure, retryAfter: Duration?)
        /// It ran longer than its timeout.
        case timedOut(TaskFailure, retryAfter: Duration?)
        /// It stopped because it was told to.
        case cancelled
        /// It asks to run again after that long, by the store's clock.
        case snoozed(for: Duration)
        /// Its worker drains.
        case released
    }

    /// The attempt.
    public var lease: Lease
    /// How it ended.
    public var outcome: Outcome
    /// What it had still to say; its lease is the finish's.
    public var report: TaskReport?

    /// The end of an attempt.
    public init(lease: Lease, outcome: Outcome, report: TaskReport? = nil) {
        self.lease = lease
        self.outcome = outcome
        self.report = report
    }
}

/// What became of a finish.
public enum FinishResult: Hashable, Sendable {
    /// Written; the task's status now.
    case accepted(TaskStatus)
    /// The lease is not the running attempt's; nothing changed.
    case stale
}

/// What a sweep did.
public struct RescueReport: Hashable, Sendable {
    /// Tasks that are queued again.
    public var requeued: Int
    /// Tasks that failed because no attempt was left, or too many lost their worker.
    public var failed: Int
    /// Tasks whose cancellation had been asked for.
    public var cancelled: Int

    /// A report with these counts.
    public init(requeued: Int = 0, failed: Int = 0, cancelled: Int = 0) {
        self.requeued = requeued
        self.failed = failed
        self.cancelled = cancelled
    }

    /// How many tasks were taken from their workers.
    public var total: Int { requeued + failed + cancelled }
}
