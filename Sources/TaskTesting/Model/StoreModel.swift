#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import TaskCore

/// What a store owes, as plainly as it can be written: arrays, linear searches and ``TaskLifecycle``.
///
/// Histories are played on it and on a real store, and both must answer alike. It shares no code with any store on
/// purpose, and is far too slow to be one.
package struct StoreModel: Sendable {
    package struct Entry: Sendable {
        package var record: TaskRecord
        package var sequence: Int
        package var deadline: Date?
        package var checkpoint: JSONText?
        package var attempts: [Attempt] = []
    }

    package struct Key: Sendable {
        var scope: String
        var key: String
        var fingerprint: String
        var task: TaskID
        var expiresAt: Date?

        func isOf(_ scope: String, _ key: String) -> Bool {
            Array(self.scope.utf8) == Array(scope.utf8) && Array(self.key.utf8) == Array(key.utf8)
        }
    }

    package struct Worker: Sendable {
        package var id: WorkerID
        package var leaseUntil: Date
    }

    package var entries: [Entry] = []
    package var keys: [Key] = []
    package var workers: [Worker] = []
    package var paused: Set<String> = []
    package var changed: [TaskID] = []
    var sequence = 0

    package init() {}

    func index(of id: TaskID) -> Int? { entries.firstIndex { $0.record.id == id } }

    func isAlive(_ worker: WorkerID?, at now: Date) -> Bool {
        workers.contains { $0.id == worker && $0.leaseUntil > now }
    }

    mutating func renewLease(of worker: WorkerID, for duration: Duration, at now: Date) {
        let promised = workers.first { $0.id == worker }?.leaseUntil
        workers.removeAll { $0.id == worker }
        workers.append(Worker(id: worker, leaseUntil: max(promised ?? now, now + duration)))
    }

    func activeHolder(of uniqueKey: String) -> Entry? {
        entries.first { entry in
            entry.record.isActive && entry.record.request.uniqueKey.map { Array($0.utf8) } == Array(uniqueKey.utf8)
        }
    }

    mutating func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    /// Carries a command out on one entry as the lifecycle decides; `failure` is kept with the attempt that it ends.
    mutating func apply(
        _ command: TaskLifecycle.Command,
        to index: Int,
        at now: Date,
        failure: TaskFailure? = nil
    ) -> TaskLifecycle.Decision {
        let decision = TaskLifecycle.decide(command, in: entries[index].state, at: now)
        guard case .accept(let state, let ended) = decision else { return decision }
        entries[index].adopt(state, at: now)
        if let ended { entries[index].endAttempt(ended, failure: failure, at: now) }
        changed.append(entries[index].record.id)
        return decision
    }
}

extension StoreModel.Entry {
    var state: TaskLifecycle.State {
        var state = TaskLifecycle.State(
            maxAttempts: record.maxAttempts,
            runAt: record.runAt,
            timeout: record.request.timeout
        )
        state.status = record.status
        state.attempts = record.attempts
        state.lostAttempts = record.lostAttempts
        state.fence = record.fence
        state.deadline = deadline
        state.cancelRequested = record.cancelRequestedAt != nil
        state.version = record.version
        return state
    }

    mutating func adopt(_ state: TaskLifecycle.State, at now: Date) {
        record.status = state.status
        record.attempts = state.attempts
        record.lostAttempts = state.lostAttempts
        record.fence = state.fence
        record.runAt = state.runAt.normalized
        record.version = state.version
        record.updatedAt = now
        record.finishedAt = state.status.isFinished ? now : nil
        record.cancelRequestedAt = state.cancelRequested ? record.cancelRequestedAt ?? now : nil
        deadline = state.deadline
    }

    mutating func endAttempt(_ outcome: Attempt.Outcome, failure: TaskFailure?, at now: Date) {
        guard let last = attempts.indices.last else { return }
        attempts[last].finishedAt = now
        attempts[last].outcome = outcome
        attempts[last].failure = failure
        if let failure { record.error = failure }
    }

    mutating func edit(_ changes: TaskChanges) {
        if let input = changes.input { record.request.input = input }
        if let priority = changes.priority { record.request.priority = priority }
        if let maxAttempts = changes.maxAttempts { record.request.maxAttempts = maxAttempts }
        record.request.metadata.merge(changes.metadata)
    }

    mutating func write(_ report: TaskReport) {
        if let progress = report.progress { record.progress = record.progress.advanced(to: progress) }
        record.request.metadata.merge(report.metadata)
        if let checkpoint = report.checkpoint { self.checkpoint = checkpoint }
    }
}
