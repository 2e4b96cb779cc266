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
    var uniqueKeys: [ExactText: MemoryRow] = [:]
    var timeline = MemoryTimeline()
    var changeLog = MemoryChangeLog()

    private var lastSequence = 0
    /// Neighbours are mostly of one queue, so few names are looked up.
    private var lastQueue: MemoryQueue?
    private var signals = Signals()

    /// Which bells to ring; flags, because they are set for every task.
    private struct Signals {
        var work = false
        var changes = false
        var cancellations = false

        var kinds: Set<SignalKind> {
            var kinds: Set<SignalKind> = []
            if work { kinds.insert(.work) }
            if changes { kinds.insert(.changes) }
            if cancellations { kinds.insert(.cancellations) }
            return kinds
        }
    }

    struct IdempotencyScope: Hashable {
        let owner: ExactText
        let key: ExactText

        init(owner: String?, key: String) {
            self.owner = ExactText(owner ?? "")
            self.key = ExactText(key)
        }
    }

    struct IdempotencyEntry {
        let fingerprint: ExactText
        let task: TaskID
        let expiresAt: Date?
    }

    mutating func nextSequence() -> Int {
        lastSequence += 1
        return lastSequence
    }

    mutating func takeSignals() -> Set<SignalKind> {
        defer { signals = Signals() }
        return signals.kinds
    }

    mutating func workMayBeReady() { signals.work = true }
    mutating func cancellationRequested() { signals.cancellations = true }

    /// The queue of that name, made when it is named first.
    mutating func queue(_ name: String) -> MemoryQueue {
        if let lastQueue, lastQueue.name == name { return lastQueue }
        let queue = queues[name] ?? MemoryQueue(name: name)
        queues[name] = queue
        lastQueue = queue
        return queue
    }

    /// Notes that a record changed.
    mutating func touched(_ row: MemoryRow, at now: Date) {
        row.record.updatedAt = now
        changeLog.append(row.record.id)
        signals.changes = true
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

        if before == .queued { row.queue.remove(row, at: now) }
        if let ended, var attempt = row.runningAttempt {
            attempt.finishedAt = now
            attempt.outcome = ended
            attempt.failure = failure
            row.history.append(attempt)
        }
        row.life = state
        if let failure { row.record.error = failure }
        if before == .running, state.status != .running {
            row.runner?.remove(row)
            row.queue.running -= 1
        }
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
        row.queue.insert(row, at: now)
        signals.work = true
    }

    /// Frees the unique key of a row that is over.
    private mutating func release(_ row: MemoryRow) {
        guard let key = row.record.uniqueKey.map(ExactText.init), uniqueKeys[key] === row else { return }
        uniqueKeys[key] = nil
    }
}
