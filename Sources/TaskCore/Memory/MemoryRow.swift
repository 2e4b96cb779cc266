#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A stored task with what a record does not show. Never leaves the store's lock, which makes every access exclusive.
final class MemoryRow {
    @exclusivity(unchecked) var record: TaskRecord
    let queue: MemoryQueue
    /// Its place among tasks of the same priority.
    @exclusivity(unchecked) var sequence: Int
    @exclusivity(unchecked) var deadline: Date?
    @exclusivity(unchecked) var checkpoint: JSONText?
    /// Attempts that are over.
    @exclusivity(unchecked) var history: [Attempt] = []
    /// Says which entry of a ready or scheduled heap is the row's; the others are leftovers.
    @exclusivity(unchecked) var ticket = 0
    /// Whether it waits for its time; kept by its queue.
    @exclusivity(unchecked) var isScheduled = false
    /// The worker that runs it, and the row's place in that worker's list.
    @exclusivity(unchecked) var runner: MemoryWorker?
    @exclusivity(unchecked) var runnerIndex = 0
    /// Set once it was pruned.
    @exclusivity(unchecked) var isDeleted = false

    init(record: TaskRecord, queue: MemoryQueue, sequence: Int) {
        self.record = record
        self.queue = queue
        self.sequence = sequence
    }

    /// The part that the lifecycle decides over.
    var life: TaskLifecycle.State {
        get { record.life(deadline: deadline) }
        set {
            record.apply(newValue)
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
    @exclusivity(unchecked) private(set) var running: [MemoryRow] = []

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
