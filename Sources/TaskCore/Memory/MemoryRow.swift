#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A stored task with what a record does not show. Never leaves the store's lock.
final class MemoryRow {
    var record: TaskRecord
    let queue: MemoryQueue
    /// Its place among tasks of the same priority.
    var sequence: Int
    var deadline: Date?
    var checkpoint: JSONText?
    /// Attempts that are over.
    var history: [Attempt] = []
    /// Says which entry of a ready or scheduled heap is the row's; the others are leftovers.
    var ticket = 0
    /// Whether it waits for its time; kept by its queue.
    var isScheduled = false
    /// The worker that runs it, and the row's place in that worker's list.
    var runner: MemoryWorker?
    var runnerIndex = 0
    /// Set once it was pruned.
    var isDeleted = false

    init(record: TaskRecord, queue: MemoryQueue, sequence: Int) {
        self.record = record
        self.queue = queue
        self.sequence = sequence
    }

    /// The part that the lifecycle decides over.
    var life: TaskLifecycle.State {
        get {
            var state = TaskLifecycle.State(
                maxAttempts: record.maxAttempts,
                runAt: record.runAt,
                timeout: record.timeout
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
        set {
            record.status = newValue.status
            record.attempts = newValue.attempts
            record.lostAttempts = newValue.lostAttempts
            record.fence = newValue.fence
            record.runAt = newValue.runAt
            record.version = newValue.version
            deadline = newValue.deadline
        }
    }

    /// The running attempt as its history will keep it.
    var runningAttempt: Attempt? {
        guard record.status == .running, let worker = record.worker, let startedAt = record.startedAt else {
            return nil
        }
        return Attempt(number: record.attempts, fence: record.fence, worker: worker, startedAt: startedAt)
    }
}

/// A worker as the store knows it, with what it runs.
final class MemoryWorker {
    let id: WorkerID
    var leaseUntil: Date
    private(set) var running: [MemoryRow] = []

    init(id: WorkerID, leaseUntil: Date) {
        self.id = id
        self.leaseUntil = leaseUntil
    }

    func add(_ row: MemoryRow) {
        row.runner = self
        row.runnerIndex = running.count
        running.append(row)
    }

    func remove(_ row: MemoryRow) {
        let last = running.removeLast()
        if last !== row {
            running[row.runnerIndex] = last
            last.runnerIndex = row.runnerIndex
        }
        row.runner = nil
    }
}
