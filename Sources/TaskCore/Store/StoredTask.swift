#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A task as an SQL store loads it, with what a record does not show, and what commands do to it.
///
/// A store that loads a row under a lock, changes this value and saves it agrees with ``TaskLifecycle`` by construction.
package struct StoredTask: Sendable {
    package var record: TaskRecord
    /// When the running attempt is rescued even though its worker lives.
    package var deadline: Date?
    /// What an attempt saved for the next one.
    package var checkpoint: JSONText?
    /// The place among tasks of one priority.
    package var sequence: Int64

    package init(record: TaskRecord, deadline: Date? = nil, checkpoint: JSONText? = nil, sequence: Int64) {
        self.record = record
        self.deadline = deadline
        self.checkpoint = checkpoint
        self.sequence = sequence
    }

    /// The part that the lifecycle decides over.
    package var life: TaskLifecycle.State { record.life(deadline: deadline) }

    package func isRunning(_ lease: Lease) -> Bool {
        record.status == .running && record.fence == lease.fence && record.worker == lease.worker
    }

    /// The attempt that runs, or that ended with the task done: it has no row of its own.
    package var ownAttempt: Attempt? {
        guard record.status == .running || record.status == .done, var attempt = newestAttempt else { return nil }
        if record.status == .done {
            attempt.finishedAt = record.finishedAt
            attempt.outcome = .done
        }
        return attempt
    }

    private var newestAttempt: Attempt? {
        guard let worker = record.worker, let startedAt = record.startedAt else { return nil }
        return Attempt(number: record.attempts, fence: record.fence, worker: worker, startedAt: startedAt)
    }

    /// What applying a command did; the task has changed only if it was accepted.
    package struct Applied: Sendable {
        package let decision: TaskLifecycle.Decision
        /// The attempt that the command ended, unless it succeeded: the history has a row for it.
        package let ended: Attempt?

        package var isAccepted: Bool {
            if case .accept = decision { return true }
            return false
        }
    }

    /// Applies a command by the lifecycle.
    package mutating func apply(
        _ command: TaskLifecycle.Command,
        failure: TaskFailure? = nil,
        at now: Date
    ) -> Applied {
        let decision = TaskLifecycle.decide(command, in: life, at: now)
        guard case .accept(let state, let outcome) = decision else { return Applied(decision: decision, ended: nil) }
        var ended: Attempt?
        if let outcome, outcome != .done, var attempt = newestAttempt {
            attempt.finishedAt = now
            attempt.outcome = outcome
            attempt.failure = failure
            ended = attempt
        }
        record.apply(state)
        deadline = state.deadline
        if let failure { record.error = failure }
        if state.status.isFinished { record.finishedAt = now }
        record.updatedAt = now
        return Applied(decision: decision, ended: ended)
    }
}

// MARK: Working

extension StoredTask {
    /// Claims the task for a worker, whatever its queue and time.
    package mutating func claim(by worker: WorkerID, at now: Date) {
        record.runAt = min(record.runAt, now)
        guard apply(.claim(queueIsPaused: false), at: now).isAccepted else { return }
        record.progress = .none
        record.startedAt = now
        record.worker = worker
    }

    /// Writes a report of the running attempt.
    package mutating func write(_ report: TaskReport, at now: Date) {
        if let progress = report.progress { record.progress = record.progress.advanced(to: progress) }
        if let checkpoint = report.checkpoint { self.checkpoint = checkpoint }
        if !report.metadata.isEmpty { record.request.metadata.merge(report.metadata) }
        _ = apply(.report(fence: report.lease.fence), at: now)
    }

    /// Ends the running attempt, whose lease the caller has looked at.
    ///
    /// - Returns: The attempt for the history, and the tasks to enqueue now.
    package mutating func finish(_ finish: Finish, at now: Date) -> (ended: Attempt?, followUps: [NewTask]) {
        if let report = finish.report, !report.isEmpty { write(report, at: now) }
        let fence = finish.lease.fence
        switch finish.outcome {
        case .done(let result, let followUps):
            record.result = result
            record.error = nil
            checkpoint = nil
            _ = apply(.complete(fence: fence), at: now)
            return (nil, followUps.map { $0.following(record.request) })
        case .failed(let failure, let retryAfter):
            return (apply(.fail(fence: fence, retryAfter: retryAfter), failure: failure, at: now).ended, [])
        case .timedOut(let failure, let retryAfter):
            return (apply(.timeOut(fence: fence, retryAfter: retryAfter), failure: failure, at: now).ended, [])
        case .cancelled:
            return (apply(.acknowledgeCancel(fence: fence), at: now).ended, [])
        case .snoozed(let delay):
            return (apply(.snooze(fence: fence, for: delay), at: now).ended, [])
        case .released:
            return (apply(.release(fence: fence), at: now).ended, [])
        }
    }

    /// Takes the task from a worker whose lease ran out, or whose deadline passed.
    package mutating func rescue(leaseExpired: Bool, at now: Date) -> Applied {
        let failure = leaseExpired ? TaskFailure.workerLost(record.worker) : .deadlinePassed
        return apply(.rescue(leaseExpired: leaseExpired), failure: failure, at: now)
    }
}

// MARK: Commanding

extension StoredTask {
    package mutating func cancel(at now: Date) -> Applied {
        let applied = apply(.cancel, at: now)
        if applied.isAccepted, record.status == .running { record.cancelRequestedAt = now }
        return applied
    }

    /// - Parameter place: The task's new one.
    package mutating func retry(_ changes: TaskChanges, sequence place: Int64, at now: Date) -> Applied {
        var edited = self
        edited.record.request.apply(changes)
        let applied = edited.apply(.retry(runAt: changes.runAt?.normalized), at: now)
        guard applied.isAccepted else { return applied }
        edited.record.finishedAt = nil
        edited.record.cancelRequestedAt = nil
        edited.sequence = place
        self = edited
        return applied
    }

    package mutating func update(_ changes: TaskChanges, expectedVersion: Int64?, at now: Date) -> Applied {
        var edited = self
        edited.record.request.apply(changes)
        let command = TaskLifecycle.Command.update(expectedVersion: expectedVersion, runAt: changes.runAt?.normalized)
        let applied = edited.apply(command, at: now)
        if applied.isAccepted { self = edited }
        return applied
    }
}

extension StoredTask.Applied {
    /// The decision as what a command answers about a record, which has changed already.
    package func outcome(_ record: TaskRecord) -> CommandResult.Outcome {
        switch decision {
        case .accept(let state, _): .accepted(state.status, version: state.version)
        case .unchanged: .unchanged
        case .refuse(.versionConflict): .versionConflict(record.version)
        case .refuse: .refused(record.status)
        }
    }
}
