import TaskCore

/// The log of changes: a row for each transaction, holding the ids of the tasks it changed.
///
/// Transactions become visible in another order than they are numbered in, so a cursor is a snapshot: what it did not show, and the one of now
/// does, is what changed. Source: PostgreSQL, 'Transaction ID and Snapshot Information Functions'.
enum ChangeLog {
    static func page(_ session: Session, since cursor: ChangeCursor?, limit: Int) throws -> ChangePage {
        let place = cursor.flatMap(Place.init)
        let limit = min(max(1, limit), Int(Int32.max))
        let result = try session.run(
            Command(session.sql.changePage) { parameters in
                parameters.add(place?.from)
                parameters.add(place?.to)
                parameters.add(place?.number ?? 0)
                parameters.add(Int64(limit) + 1)
            }
        )
        let now = result.text(0, 0)
        guard let place else {
            return ChangePage(ids: [], cursor: Place(from: now).cursor, isComplete: cursor == nil)
        }
        guard result.bool(0, 1), Place(from: now).isNotBefore(place) else {
            return ChangePage(ids: [], cursor: Place(from: now).cursor, isComplete: false)
        }
        let until = place.to ?? now
        var seen: Set<TaskID> = []
        var ids: [TaskID] = []
        for row in result.rows where !result.isNull(row, 2) {
            let number = result.int64(row, 2)
            for (index, id) in result.ids(row, 3).enumerated() where number > place.number || index >= place.skip {
                guard ids.count < limit else {
                    let rest = Place(from: place.from, to: until, number: number, skip: index)
                    return ChangePage(ids: ids, cursor: rest.cursor, hasMore: true)
                }
                if seen.insert(id).inserted { ids.append(id) }
            }
        }
        // Every row holds at least one id, so that a full page of rows was ended above, unless they named few tasks often.
        if result.count > limit {
            let rest = Place(from: place.from, to: until, number: result.int64(result.count - 1, 2) + 1)
            return ChangePage(ids: ids, cursor: rest.cursor, hasMore: true)
        }
        return ChangePage(ids: ids, cursor: Place(from: until).cursor, hasMore: place.to != nil)
    }

    /// What changed between two snapshots (no second: now), from a row and an id in it on.
    private struct Place {
        var from: String
        var to: String?
        var number: Int64 = 0
        var skip = 0

        init(from: String, to: String? = nil, number: Int64 = 0, skip: Int = 0) {
            self.from = from
            self.to = to
            self.number = number
            self.skip = skip
        }

        init?(_ cursor: ChangeCursor) {
            let parts = cursor.rawValue.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4, Self.isSnapshot(parts[0]), parts[1].isEmpty || Self.isSnapshot(parts[1]),
                let number = Int64(parts[2]), let skip = Int(parts[3]), number >= 0, skip >= 0
            else { return nil }
            self.init(from: parts[0], to: parts[1].isEmpty ? nil : parts[1], number: number, skip: skip)
        }

        /// Whether a server that stands here can have made the other place.
        func isNotBefore(_ other: Place) -> Bool { Self.end(of: from) >= Self.end(of: other.to ?? other.from) }

        /// The first transaction that a snapshot knows nothing of.
        private static func end(of snapshot: String) -> Int64 {
            Int64(snapshot.split(separator: ":", omittingEmptySubsequences: false)[1]) ?? 0
        }

        var cursor: ChangeCursor { ChangeCursor(rawValue: "\(from)|\(to ?? "")|\(number)|\(skip)") }

        /// As `pg_snapshot` is written: xmin:xmax:list, in order. Its numbers have 64 bits, and no server takes more than 63 of them.
        private static func isSnapshot(_ text: String) -> Bool {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let low = Int64(parts[0]), let high = Int64(parts[1]), low > 0, low <= high else {
                return false
            }
            let open =
                parts[2].isEmpty
                ? [] : parts[2].split(separator: ",", omittingEmptySubsequences: false).map { Int64($0) }
            var last = low
            for (index, xid) in open.enumerated() {
                guard let xid, xid >= low, xid < high, index == 0 || xid > last else { return false }
                last = xid
            }
            return true
        }
    }
}
