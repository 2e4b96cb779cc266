import DequeModule
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything the in-memory store holds, as a value without locks: commands are methods, and `now` is passed in.
struct MemoryState {
    var isClosed = false
    var rows: [TaskID: MemoryRow] = [:]
    var queues: [String: MemoryQueue] = [:]
    var workers: [WorkerID: MemoryWorker] = [:]
    var keys: [IdempotencyScope: IdempotencyEntry] = [:]
    /// Active tasks by unique key.
    var uniqueKeys: [String: MemoryRow] = [:]
    var timeline = MemoryTimeline()
    var changeLog = MemoryChangeLog()

    private var lastSequence = 0
    private var signals: Set<SignalKind> = []

    struct IdempotencyScope: Hashable {
        let owner: String?
        let key: String
    }

    struct IdempotencyEntry {
        let fingerprint: String
        let task: TaskID
        let expiresAt: Date?
    }

    mutating func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    mutating func takeSignals() -> Set<SignalKind> {
        guard !signals.isEmpty else { return signals }
        defer { signals = [] }
        return signals
    }

    mutating func ring(_ kind: SignalKind) { signals.insert(kind) }

    /// Notes that a record changed.
    mutating func touched(_ row: MemoryRow, at now: Date) {
        row.record.updatedAt = now
        changeLog.append(row.record.id)
        signals.insert(.changes)
    }

    /// Applies a command to a row by the lifecycle, with what follows from it for queues, leases, keys and history.
    ///
    /// - Returns: The decision; the row has changed only if it is `accept`.
    mutating func apply(
        _ command: TaskLifecycle.Command,
        to row: MemoryRow,
        failure: TaskFailure? = nil,
        at now: Date
    ) -> TaskLifecycle.Decision {
        let decision = TaskLifecycle.decide(command, in: row.life, at: now)
        guard case .accept(let state, let ended) = decision else { return decision }
        let before = row.record.status

        if before == .queued { queues[row.record.queue]?.remove(row, at: now) }
        if let ended, var attempt = row.runningAttempt {
            attempt.finishedAt = now
            attempt.outcome = ended
            attempt.failure = failure
            row.history.append(attempt)
        }
        row.life = state
        if let failure { row.record.error = failure }
        if before == .running, state.status != .running { row.runner?.remove(row) }
        if state.status.isFinished {
            row.record.finishedAt = now
            release(row)
        }
        if state.status == .queued { queueUp(row, at: now) }
        touched(row, at: now)
        return decision
    }

    /// Puts a queued row where claims look for it.
    mutating func queueUp(_ row: MemoryRow, at now: Date) {
        queues[row.record.queue, default: MemoryQueue()].insert(row, at: now)
        signals.insert(.work)
    }

    /// Frees the unique key of a row that is over.
    private mutating func release(_ row: MemoryRow) {
        guard let key = row.record.request.uniqueKey, uniqueKeys[key] === row else { return }
        uniqueKeys[key] = nil
    }
}
