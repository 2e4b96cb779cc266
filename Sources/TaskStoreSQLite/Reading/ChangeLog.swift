import GRDB
import TaskCore

/// The log of changes: a row for each commit, holding the ids of the tasks it changed.
///
/// Commits are numbered under the write lock, so a number becomes visible only after all before it: a cursor handed out never
/// skips one. A cursor is `number.place`: that commit, after that many of its ids.
enum ChangeLog {
    /// At least this many of the newest ids are kept.
    static let capacity: Int64 = 262_144
    /// Commits between two looks at what is too old.
    static let trimInterval: Int64 = 64

    static func trim(_ db: Database, total: Int64) throws {
        let rows = try SQLStatement(db, SQLText.changeFirst)
        defer { rows.reset() }
        var old: Int64?
        while try rows.step(), rows.int64(1) <= total - capacity { old = rows.int64(0) }
        guard let old else { return }
        let delete = try SQLStatement(db, SQLText.changeTrim)
        delete.bind(1, old)
        try delete.run()
    }

    static func page(_ db: Database, since cursor: ChangeCursor?, limit: Int) throws -> ChangePage {
        let newest = try newestNumber(db)
        guard let cursor else { return ChangePage(ids: [], cursor: Place(number: newest + 1, skip: 0).cursor) }
        guard let place = Place(cursor), place.number <= newest + 1, try isKnown(db, place, newest: newest) else {
            return ChangePage(ids: [], cursor: Place(number: newest + 1, skip: 0).cursor, isComplete: false)
        }
        var next = place
        var seen: Set<TaskID> = []
        var ids: [TaskID] = []
        let rows = try SQLStatement(db, SQLText.changePage)
        rows.bind(1, place.number)
        defer { rows.reset() }
        while try rows.step() {
            let number = rows.int64(0)
            let changed = rows.ids(1)
            for (index, id) in changed.enumerated().dropFirst(number == place.number ? place.skip : 0) {
                guard ids.count < max(1, limit) else {
                    return ChangePage(ids: ids, cursor: Place(number: number, skip: index).cursor, hasMore: true)
                }
                if seen.insert(id).inserted { ids.append(id) }
            }
            next = Place(number: number + 1, skip: 0)
        }
        return ChangePage(ids: ids, cursor: next.cursor)
    }

    static func newestNumber(_ db: Database) throws -> Int64 {
        let find = try SQLStatement(db, SQLText.changeLast)
        defer { find.reset() }
        return try find.step() ? find.int64(0) : 0
    }

    /// Whether everything from a place on is still in the log.
    private static func isKnown(_ db: Database, _ place: Place, newest: Int64) throws -> Bool {
        if place.number == newest + 1 { return true }
        let first = try SQLStatement(db, SQLText.changeFirst)
        defer { first.reset() }
        return try first.step() && first.int64(0) <= place.number
    }

    private struct Place {
        var number: Int64
        var skip: Int

        init(number: Int64, skip: Int) {
            self.number = number
            self.skip = skip
        }

        init?(_ cursor: ChangeCursor) {
            let parts = cursor.rawValue.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int64(parts[0]), let skip = Int(parts[1]), number > 0, skip >= 0
            else { return nil }
            self.init(number: number, skip: skip)
        }

        var cursor: ChangeCursor { ChangeCursor(rawValue: "\(number).\(skip)") }
    }
}
