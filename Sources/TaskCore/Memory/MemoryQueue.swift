import DequeModule
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import HeapModule

/// The waiting tasks of one queue: ready ones by priority and place, scheduled ones by time.
///
/// Entries of rows that moved on stay as leftovers until they surface or outnumber the living, so every change is O(log n)
/// at most; a task enqueued in order and claimed in order costs O(1).
final class MemoryQueue {
    let name: String
    @exclusivity(unchecked) var isPaused = false
    /// Rows of this queue that run.
    @exclusivity(unchecked) var running = 0
    /// Waiting rows, without leftovers, and how many of them wait for their time.
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private var scheduledCount = 0
    /// Highest priority first; a queue has few priorities.
    @exclusivity(unchecked) private var lanes: [Lane] = []
    @exclusivity(unchecked) private var scheduled = Heap<Scheduled>()
    @exclusivity(unchecked) private var leftovers = 0

    init(name: String) { self.name = name }

    private struct Entry: Comparable {
        let sequence: Int
        let ticket: Int
        let row: MemoryRow

        var isLive: Bool { row.ticket == ticket && !row.isDeleted }
        static func < (lhs: Entry, rhs: Entry) -> Bool { lhs.sequence < rhs.sequence }
        static func == (lhs: Entry, rhs: Entry) -> Bool { lhs.sequence == rhs.sequence }
    }

    private struct Scheduled: Comparable {
        let runAt: Date
        let entry: Entry

        static func < (lhs: Scheduled, rhs: Scheduled) -> Bool {
            lhs.runAt != rhs.runAt ? lhs.runAt < rhs.runAt : lhs.entry < rhs.entry
        }
        static func == (lhs: Scheduled, rhs: Scheduled) -> Bool { lhs.runAt == rhs.runAt && lhs.entry == rhs.entry }
    }

    /// Rows of one priority: those that came in order, and those that came back to an earlier place.
    private struct Lane {
        let priority: Int
        var inOrder: Deque<Entry> = []
        var returned = Heap<Entry>()

        mutating func push(_ entry: Entry) {
            if inOrder.last.map({ $0 < entry }) ?? true { inOrder.append(entry) } else { returned.insert(entry) }
        }

        mutating func pop() -> Entry? {
            guard let back = returned.min else { return inOrder.popFirst() }
            guard let front = inOrder.first, front < back else { return returned.popMin() }
            return inOrder.popFirst()
        }
    }

    /// Adds a queued row.
    func insert(_ row: MemoryRow, at now: Date) {
        row.ticket += 1
        let entry = Entry(sequence: row.sequence, ticket: row.ticket, row: row)
        row.isScheduled = row.record.runAt > now
        if row.isScheduled {
            scheduled.insert(Scheduled(runAt: row.record.runAt, entry: entry))
            scheduledCount += 1
        } else {
            push(entry)
        }
        count += 1
    }

    /// Takes a row out that is cancelled, edited or deleted.
    func remove(_ row: MemoryRow, at now: Date) {
        row.ticket += 1
        count -= 1
        if row.isScheduled { scheduledCount -= 1 }
        leftovers += 1
        if leftovers > count + 64 { compact() }
    }

    /// The next ready row, taken out; nil when none is ready.
    func popReady(at now: Date) -> MemoryRow? {
        promote(at: now)
        while !lanes.isEmpty {
            guard let entry = lanes[0].pop() else {
                lanes.removeFirst()
                continue
            }
            if entry.isLive {
                entry.row.ticket += 1
                count -= 1
                return entry.row
            }
            leftovers -= 1
        }
        return nil
    }

    /// When the first scheduled row becomes due.
    func nextRunAt(after now: Date) -> Date? {
        promote(at: now)
        while let first = scheduled.min, !first.entry.isLive {
            scheduled.removeMin()
            leftovers -= 1
        }
        return scheduled.min?.runAt
    }

    /// How the queue stands; nil when there is nothing to say of it.
    func info(at now: Date) -> QueueInfo? {
        promote(at: now)
        guard isPaused || count + running > 0 else { return nil }
        return QueueInfo(
            name: name,
            isPaused: isPaused,
            ready: count - scheduledCount,
            scheduled: scheduledCount,
            running: running
        )
    }

    private func promote(at now: Date) {
        while let first = scheduled.min, first.runAt <= now {
            scheduled.removeMin()
            guard first.entry.isLive else {
                leftovers -= 1
                continue
            }
            first.entry.row.isScheduled = false
            scheduledCount -= 1
            push(first.entry)
        }
    }

    private func push(_ entry: Entry) {
        let priority = entry.row.record.priority
        let index = lanes.firstIndex { $0.priority <= priority } ?? lanes.count
        if index == lanes.count || lanes[index].priority != priority {
            lanes.insert(Lane(priority: priority), at: index)
        }
        lanes[index].push(entry)
    }

    private func compact() {
        for index in lanes.indices {
            lanes[index].inOrder.removeAll { !$0.isLive }
            lanes[index].returned = Heap(lanes[index].returned.unordered.filter(\.isLive))
        }
        scheduled = Heap(scheduled.unordered.filter(\.entry.isLive))
        leftovers = 0
    }
}
