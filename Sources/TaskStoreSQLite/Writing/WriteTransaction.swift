import GRDB
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One write transaction: its connection, what it changed, and what it will be a hint of. Commands are its methods.
///
/// Lives on the writer's thread. A command reads its 'now' once, so that its parts agree.
final class WriteTransaction {
    let db: Database
    private let clock: any TaskClock
    private let origin: Int64
    private(set) var kinds: ChangeKinds = []
    private var changed: [TaskID] = []
    /// The newest commit in the log, read when it is needed first.
    private var last: (number: Int64, total: Int64)?
    private var places: Int64 = 0

    init(db: Database, clock: any TaskClock, origin: Int64) {
        self.db = db
        self.clock = clock
        self.origin = origin
    }

    var now: Date { clock.now().normalized }

    func statement(_ sql: String) throws -> SQLStatement { try SQLStatement(db, sql) }

    func note(changed id: TaskID) {
        changed.append(id)
        kinds.insert(.changes)
    }

    func note(_ kinds: ChangeKinds) { self.kinds.formUnion(kinds) }

    /// A place behind all that were ever given: the number of this commit, then a count within it.
    ///
    /// So the store's sequence needs no counter of its own to be read and written.
    func nextSequence() throws -> Int64 {
        places += 1
        return try (lastChange().number + 1) << 24 | places
    }

    private func lastChange() throws -> (number: Int64, total: Int64) {
        if let last { return last }
        let find = try statement(SQLText.changeLast)
        let found: (Int64, Int64) = try find.step() ? (find.int64(0), find.int64(1)) : (0, 0)
        find.reset()
        last = found
        return found
    }

    /// Writes the transaction's row of the change log, the last thing before the commit.
    func writeChangeLog() throws {
        guard !kinds.isEmpty else { return }
        let last = try lastChange()
        let total = last.total + Int64(changed.count)
        let insert = try statement(SQLText.changeInsert)
        insert.bind(1, last.number + 1)
        insert.bind(2, total)
        insert.bind(3, Int64(kinds.rawValue))
        insert.bind(4, origin)
        insert.bind(5, ids: changed)
        try insert.run()
        if (last.number + 1) % ChangeLog.trimInterval == 0 { try ChangeLog.trim(db, total: total) }
    }
}

/// What a commit may be a hint of, as the change log keeps it.
struct ChangeKinds: OptionSet {
    let rawValue: UInt8
    static let work = ChangeKinds(rawValue: 1)
    static let changes = ChangeKinds(rawValue: 2)
    static let cancellations = ChangeKinds(rawValue: 4)

    var signals: Set<SignalKind> {
        var signals: Set<SignalKind> = []
        if contains(.work) { signals.insert(.work) }
        if contains(.changes) { signals.insert(.changes) }
        if contains(.cancellations) { signals.insert(.cancellations) }
        return signals
    }
}
