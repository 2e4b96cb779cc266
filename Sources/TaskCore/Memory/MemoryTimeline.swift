#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// All rows by (createdAt, id), for lists. Appending in order is O(1), finding a place O(log n).
struct MemoryTimeline {
    private(set) var rows: [MemoryRow] = []
    private var deleted = 0

    mutating func insert(_ row: MemoryRow) {
        if let last = rows.last, Self.precedes(row.record.createdAt, row.record.id, last) {
            rows.insert(row, at: firstIndex(notBefore: row.record.createdAt, row.record.id))
        } else {
            rows.append(row)
        }
    }

    /// Notes that a row was marked as deleted; the array shrinks when half of it is gone.
    mutating func noteDeleted() {
        deleted += 1
        guard deleted > rows.count / 2 else { return }
        rows.removeAll(where: \.isDeleted)
        deleted = 0
    }

    /// The first place whose row does not come before (createdAt, id).
    func firstIndex(notBefore createdAt: Date, _ id: TaskID) -> Int {
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            let row = rows[middle].record
            if (row.createdAt, row.id) < (createdAt, id) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func precedes(_ createdAt: Date, _ id: TaskID, _ row: MemoryRow) -> Bool {
        (createdAt, id) < (row.record.createdAt, row.record.id)
    }
}
