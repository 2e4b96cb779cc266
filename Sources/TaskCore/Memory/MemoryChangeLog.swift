import DequeModule

/// The last changes, oldest first, up to a bound: what `changes(since:)` reads.
struct MemoryChangeLog {
    static let capacity = 65_536
    private var ids: Deque<TaskID> = []
    /// The number of changes forgotten, so that a place in the log is a number that only grows.
    private var forgotten = 0

    mutating func append(_ id: TaskID) {
        if ids.count == Self.capacity {
            ids.removeFirst()
            forgotten += 1
        }
        ids.append(id)
    }

    /// The place after the last change.
    var end: Int { forgotten + ids.count }

    func page(since cursor: ChangeCursor?, limit: Int) -> ChangePage {
        guard let cursor else { return ChangePage(ids: [], cursor: Self.cursor(end)) }
        guard let place = Int(cursor.rawValue), place >= forgotten, place <= end else {
            return ChangePage(ids: [], cursor: Self.cursor(end), isComplete: false)
        }
        var seen: Set<TaskID> = []
        var page: [TaskID] = []
        var next = place
        while next < end, page.count < max(1, limit) {
            let id = ids[next - forgotten]
            if seen.insert(id).inserted { page.append(id) }
            next += 1
        }
        return ChangePage(ids: page, cursor: Self.cursor(next), hasMore: next < end)
    }

    private static func cursor(_ place: Int) -> ChangeCursor { ChangeCursor(rawValue: String(place)) }
}
