#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Logging
import Synchronization

/// One attempt while it runs: what its handler says, until the next beat takes it along, and how it is told to stop.
package final class RunningAttempt: Sendable {
    /// Why an attempt is told to stop.
    package enum StopReason: String, Sendable {
        case cancelRequested
        case timedOut
        case leaseLost
        case draining
    }

    private struct State {
        var progress = TaskProgress.none
        var isProgressNew = false
        var metadata: TaskMetadata
        var newMetadata: TaskMetadata = [:]
        /// What a beat took along that has not been answered yet.
        var underWay: TaskReport?
        var checkpoint: JSONText?
        var followUps: [NewTask] = []
        var stopReason: StopReason?
        var stoppedAt: ContinuousClock.Instant?
        var startedAt: ContinuousClock.Instant?
        var deadline: ContinuousClock.Instant?
        var canceller: (any AttemptCanceller)?
        var isOver = false

        var hasNews: Bool { isProgressNew || !newMetadata.isEmpty }
    }

    package let record: TaskRecord
    package let lease: Lease
    /// Its place in the heartbeat's list, −1 outside; read and written by the heartbeat under its lock.
    let place = Atomic<Int>(-1)
    private let baseLogger: Logger
    private let heartbeat: Heartbeat
    private let state: Mutex<State>

    init(_ claimed: ClaimedTask, heartbeat: Heartbeat, logger: Logger) {
        record = claimed.record
        lease = claimed.lease
        self.heartbeat = heartbeat
        baseLogger = logger
        state = Mutex(State(metadata: claimed.record.metadata, checkpoint: claimed.checkpoint))
    }

    var logger: Logger {
        var logger = baseLogger
        logger[metadataKey: "task_id"] = "\(record.id)"
        logger[metadataKey: "task_name"] = "\(record.name)"
        logger[metadataKey: "attempt"] = "\(record.attempts)"
        return logger
    }

    var deadline: Date? { record.timeout.flatMap { timeout in record.startedAt.map { $0 + timeout } } }

    // MARK: What the handler says

    var progress: TaskProgress { state.withLock { $0.progress } }
    var metadata: TaskMetadata { state.withLock { $0.metadata } }
    var checkpoint: JSONText? { state.withLock { $0.checkpoint } }

    func report(_ next: (TaskProgress) -> TaskProgress) {
        let isFirstNews = state.withLock { state in
            let had = state.hasNews
            state.progress = state.progress.advanced(to: next(state.progress))
            state.isProgressNew = true
            return !had && !state.isOver
        }
        if isFirstNews { heartbeat.hasNews() }
    }

    func merge(_ members: TaskMetadata) {
        let isFirstNews = state.withLock { state in
            let had = state.hasNews
            state.metadata.merge(members)
            state.newMetadata.merge(members)
            return !had && !state.isOver
        }
        if isFirstNews { heartbeat.hasNews() }
    }

    func save(checkpoint: JSONText) async throws {
        guard checkpoint.byteCount <= TaskLimits.resultBytes else {
            throw TaskError(
                .invalidInput,
                "The checkpoint of task \(record.id) has \(checkpoint.byteCount) bytes, more than \(TaskLimits.resultBytes)."
            )
        }
        try await heartbeat.write(TaskReport(lease: lease, checkpoint: checkpoint), of: self)
        state.withLock { $0.checkpoint = checkpoint }
    }

    func add(followUp: NewTask) { state.withLock { $0.followUps.append(followUp) } }

    /// What is to be enqueued when the task is done: what was asked for with it, and what this attempt added.
    var followUps: [NewTask] {
        let added = state.withLock { $0.followUps }
        return added.isEmpty ? record.followUps : record.followUps + added
    }

    // MARK: What the beat takes along

    /// What is new since the last call; nil when nothing is. To be followed by ``reportWritten()`` or ``putBack(_:)``.
    func takeReport() -> TaskReport? {
        state.withLock { state in
            guard state.hasNews else { return nil }
            let report = TaskReport(
                lease: lease,
                progress: state.isProgressNew ? state.progress : nil,
                metadata: state.newMetadata
            )
            state.isProgressNew = false
            state.newMetadata = [:]
            state.underWay = report
            return report
        }
    }

    /// What goes with the outcome: what is new, and what a beat has under way, for the outcome may overtake it.
    func takeLastReport() -> TaskReport? {
        state.withLock { state in
            guard state.hasNews || state.underWay != nil else { return nil }
            let isProgressNew = state.isProgressNew || state.underWay?.progress != nil
            var metadata = state.underWay?.metadata ?? [:]
            metadata.merge(state.newMetadata)
            state.isProgressNew = false
            state.newMetadata = [:]
            return TaskReport(lease: lease, progress: isProgressNew ? state.progress : nil, metadata: metadata)
        }
    }

    /// The beat that took the report along was answered.
    func reportWritten() { state.withLock { $0.underWay = nil } }

    /// Gives back a report that could not be written.
    func putBack(_ report: TaskReport) {
        state.withLock { state in
            state.underWay = nil
            if report.progress != nil { state.isProgressNew = true }
            var metadata = report.metadata
            metadata.merge(state.newMetadata)
            state.newMetadata = metadata
        }
    }

    // MARK: Stopping

    package var stopReason: StopReason? { state.withLock { $0.stopReason } }

    /// When it was told to stop.
    var stoppedAt: ContinuousClock.Instant? { state.withLock { $0.stoppedAt } }

    /// Tells the handler to stop; the first reason stands, but a lost lease overrides it.
    ///
    /// - Parameter tell: Called the first time, before the handler learns of it.
    package func stop(_ reason: StopReason, tell: () -> Void = {}) {
        let (canceller, isFirst): ((any AttemptCanceller)?, Bool) = state.withLock { state in
            guard !state.isOver else { return (nil, false) }
            let isFirst = state.stopReason == nil
            if isFirst || reason == .leaseLost { state.stopReason = reason }
            if isFirst { state.stoppedAt = .now }
            return (state.canceller, isFirst)
        }
        if isFirst { tell() }
        canceller?.cancel(self)
    }

    /// The handler starts, and with it its time; says who can cancel it.
    func runs(cancelledBy canceller: (any AttemptCanceller)?) {
        let (mustStop, deadline): (Bool, ContinuousClock.Instant?) = state.withLock { state in
            if !state.isOver { state.canceller = canceller }
            let mustStop = state.stopReason != nil
            guard state.startedAt == nil else { return (mustStop, nil) }
            let now = ContinuousClock.now
            state.startedAt = now
            state.deadline = record.timeout.map { now + $0 }
            return (mustStop, state.deadline)
        }
        if let deadline { heartbeat.watch(deadline) }
        if mustStop { canceller?.cancel(self) }
    }

    /// When its time is over, on this process's monotonic clock; nil before it was started and without a timeout.
    var monotonicDeadline: ContinuousClock.Instant? { state.withLock { $0.deadline } }

    /// When the handler was started, on this process's monotonic clock.
    var startedAt: ContinuousClock.Instant? { state.withLock { $0.startedAt } }

    /// Whether its handler returned or was given up; its outcome may still wait for the store.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Ends the attempt for whoever is first: the handler that returned, or the one who gave it up.
    ///
    /// - Returns: Whether the caller was first and has to finish the task.
    func end() -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            state.isOver = true
            state.canceller = nil
            return true
        }
    }
}

/// Cancels what runs an attempt's handler.
protocol AttemptCanceller: AnyObject, Sendable {
    /// Cancels it if it still runs that attempt.
    func cancel(_ attempt: RunningAttempt)
}
