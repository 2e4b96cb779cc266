#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension TaskLifecycle {
    /// What can be done to a task. `fence` is that of the lease a worker holds.
    public enum Command: Hashable, Sendable {
        /// A worker takes the task.
        case claim(queueIsPaused: Bool)
        /// The running attempt reports progress, metadata or a checkpoint.
        case report(fence: Int64)
        /// The attempt succeeded.
        case complete(fence: Int64)
        /// The attempt threw. `retryAfter` nil: never again, whatever attempts are left.
        case fail(fence: Int64, retryAfter: Duration?)
        /// The attempt ran longer than its timeout.
        case timeOut(fence: Int64, retryAfter: Duration?)
        /// The attempt asks to be run later, without using it up.
        case snooze(fence: Int64, for: Duration)
        /// A draining worker gives the task back, without using the attempt up.
        case release(fence: Int64)
        /// The attempt stopped because it was told to, or its driver gives the task up.
        case acknowledgeCancel(fence: Int64)
        /// The sweep takes the task from a worker whose lease expired, or whose deadline passed.
        case rescue(leaseExpired: Bool)
        /// Somebody asks to stop the task.
        case cancel
        /// Somebody asks to run a failed or cancelled task again; nil: at once.
        case retry(runAt: Date?)
        /// Somebody edits a waiting task; `runAt` nil: as it was.
        case update(expectedVersion: Int64?, runAt: Date?)
    }

    /// What a command did.
    public enum Decision: Hashable, Sendable {
        /// The task is in this state now; `ended` says how the running attempt ended, if it did.
        case accept(State, ended: Attempt.Outcome?)
        /// Nothing changed, and that is what was asked for: a repeated cancel.
        case unchanged
        /// Nothing changed.
        case refuse(Refusal)
    }

    /// Why a command changed nothing.
    public enum Refusal: String, Hashable, Sendable {
        /// The lease is not the running attempt's.
        case stale
        /// It is not time yet.
        case notDue
        /// The queue is paused.
        case queuePaused
        /// The task is at another version.
        case versionConflict
        /// The status does not allow it.
        case wrongStatus
    }

    /// The part of a record that commands decide over.
    public struct State: Hashable, Sendable {
        /// Where the task stands.
        public var status: TaskStatus
        /// Attempts used up, the running one included.
        public var attempts: Int
        /// How many may be.
        public var maxAttempts: Int
        /// How many of them lost their worker.
        public var lostAttempts: Int
        /// The newest claim's.
        public var fence: Int64
        /// Not before.
        public var runAt: Date
        /// How long an attempt may run.
        public var timeout: Duration?
        /// When the running attempt is rescued even though its worker lives.
        public var deadline: Date?
        /// Whether the running attempt was asked to stop.
        public var cancelRequested: Bool
        /// Grows at every change.
        public var version: Int64

        /// The state of a task just stored.
        public init(maxAttempts: Int, runAt: Date, timeout: Duration?) {
            status = .queued
            attempts = 0
            self.maxAttempts = maxAttempts
            lostAttempts = 0
            fence = 0
            self.runAt = runAt
            self.timeout = timeout
            deadline = nil
            cancelRequested = false
            version = 1
        }
    }
}

extension TaskLifecycle.State {
    var next: Self {
        var state = self
        state.version += 1
        return state
    }

    func claimed(at now: Date) -> TaskLifecycle.Decision {
        var state = next
        state.status = .running
        state.fence += 1
        state.attempts += 1
        state.deadline = timeout.map { now + $0 + TaskLifecycle.deadlineGrace }
        return .accept(state, ended: nil)
    }

    func over(_ status: TaskStatus) -> Self {
        var state = next
        state.status = status
        state.deadline = nil
        return state
    }

    /// A retry loses to a cancel that came while the attempt ran; a failure that ends the task does not.
    func failed(retryAfter: Duration?, at now: Date) -> Self {
        guard let retryAfter else { return over(.failed) }
        if cancelRequested { return over(.cancelled) }
        return attempts < maxAttempts ? queuedAgain(runAt: now + max(.zero, retryAfter)) : over(.failed)
    }

    /// Back to the queue with the attempt not used up.
    func givenBack(runAt: Date) -> Self {
        if cancelRequested { return over(.cancelled) }
        var state = queuedAgain(runAt: runAt)
        state.attempts -= 1
        return state
    }

    func rescued(leaseExpired: Bool, at now: Date) -> TaskLifecycle.Decision {
        guard leaseExpired || deadline.map({ $0 <= now }) == true else { return .refuse(.notDue) }
        var state = self
        if leaseExpired { state.lostAttempts += 1 }
        let outcome: Attempt.Outcome = leaseExpired ? .workerLost : .timedOut
        if cancelRequested { return .accept(state.over(.cancelled), ended: outcome) }
        guard attempts < maxAttempts, state.lostAttempts < TaskLifecycle.maxLostAttempts else {
            return .accept(state.over(.failed), ended: outcome)
        }
        return .accept(state.queuedAgain(runAt: now), ended: outcome)
    }

    var askedToCancel: Self {
        var state = next
        state.cancelRequested = true
        return state
    }

    func renewed(runAt: Date) -> Self {
        var state = queuedAgain(runAt: runAt)
        state.attempts = 0
        state.lostAttempts = 0
        state.cancelRequested = false
        return state
    }

    func edited(runAt: Date?) -> Self {
        var state = next
        if let runAt { state.runAt = runAt }
        return state
    }

    private func queuedAgain(runAt: Date) -> Self {
        var state = over(.queued)
        state.runAt = runAt
        return state
    }
}
