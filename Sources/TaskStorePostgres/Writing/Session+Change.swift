import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a write answers, and who has to be told of it once it is committed.
struct Written<Answer: Sendable>: Sendable {
    var answer: Answer
    var signals: Set<SignalKind> = []
}

extension Session {
    /// Which tables a change looks for its tasks in.
    enum Reach {
        case live
        case everywhere
    }

    /// Loads tasks under locks, has a body change them by the lifecycle, and commits: two ways there and back.
    func change<Answer>(
        _ ids: [TaskID],
        in reach: Reach,
        _ body: (inout LoadedTasks) throws -> Answer
    ) throws -> Written<Answer> {
        let found = try run([Command(.begin), Command(sql.now)] + locking(ids, reach))
        var loaded = LoadedTasks(now: found[1].date(0, 0))
        loaded.add(locked: found.dropFirst(2))
        try findMoved(ids, reach, &loaded)
        let answer = try body(&loaded)
        try commit(loaded)
        return Written(answer: answer, signals: loaded.signals)
    }

    /// As ``change(_:in:_:)``, for active tasks that a statement finds within the transaction, its first column their ids.
    func change<Answer>(
        finding command: Command,
        isBegun: Bool = false,
        with more: [Command] = [],
        _ body: (QueryResult, inout LoadedTasks) throws -> Answer
    ) throws -> Written<Answer> {
        let results = try run((isBegun ? [] : [Command(.begin)]) + [command, Command(sql.now)]).suffix(2)
        guard let found = results.first, let time = results.last else {
            throw PostgresFault.disconnected("an answer is missing")
        }
        var loaded = LoadedTasks(now: time.date(0, 0))
        try load(found.rows.map { found.id($0, 0) }, .live, &loaded)
        let answer = try body(found, &loaded)
        try commit(loaded, with: more)
        return Written(answer: answer, signals: loaded.signals)
    }

    /// Loads tasks within a transaction that was begun.
    func load(_ ids: [TaskID], _ reach: Reach, _ loaded: inout LoadedTasks) throws {
        guard !ids.isEmpty else { return }
        loaded.add(locked: try run(locking(ids, reach))[...])
        try findMoved(ids, reach, &loaded)
    }

    func commit(_ loaded: LoadedTasks, with more: [Command] = []) throws {
        _ = try run(save(loaded) + more + [Command(.commit)])
    }

    func save(_ loaded: LoadedTasks) throws -> [Command] {
        guard loaded.isChanged else { return [] }
        return try loaded.saving(sql) + [.log(sql, loaded.changedIDs)]
    }

    private func locking(_ ids: [TaskID], _ reach: Reach) -> [Command] {
        // In one order for everybody, so that nobody waits in a circle.
        let ids = ids.sorted()
        let live = Command(sql.liveLock) { $0.add(ids) }
        return reach == .live ? [live] : [live, Command(sql.doneLock) { $0.add(ids) }]
    }

    /// A task that was retried between the look at the one table and the other was in neither.
    private func findMoved(_ ids: [TaskID], _ reach: Reach, _ loaded: inout LoadedTasks) throws {
        let missing = ids.filter { loaded[$0] == nil }
        guard reach == .everywhere, !missing.isEmpty else { return }
        loaded.add(locked: try run(locking(missing, reach))[...])
    }
}

extension LoadedTasks {
    fileprivate mutating func add(locked results: ArraySlice<QueryResult>) {
        for (index, result) in results.enumerated() { add(result, areLive: index == 0) }
    }
}

extension Command {
    /// The transaction's row of the log of changes.
    static func log(_ sql: SQLText, _ ids: [TaskID]) -> Command { Command(sql.changeInsert) { $0.add(ids) } }
}
