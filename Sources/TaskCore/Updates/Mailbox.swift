import DequeModule

/// What waits for one subscriber: the latest of each task, in the order the tasks first changed, bounded. A pure state machine.
struct Mailbox {
    private var latest: [TaskID: TaskRecord] = [:]
    private var order: Deque<TaskID> = []
    private var hasGap = false
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Puts a record in, in place of an older one of its task; the oldest goes when there is no room.
    mutating func put(_ record: TaskRecord) {
        if let waiting = latest[record.id] {
            if record.version > waiting.version { latest[record.id] = record }
            return
        }
        if order.count >= capacity {
            latest[order.removeFirst()] = nil
            hasGap = true
        }
        latest[record.id] = record
        order.append(record.id)
    }

    /// Notes that changes were missed.
    mutating func missed() { hasGap = true }

    mutating func take() -> TaskUpdate? {
        guard let id = order.popFirst(), let record = latest.removeValue(forKey: id) else { return nil }
        defer { hasGap = false }
        return TaskUpdate(record: record, isAfterGap: hasGap)
    }
}
