import TaskCore
import TaskTesting

extension Saboteur {
    static let following = [
        Saboteur("skips a change of every page", topic: "changes", caughtBy: "the oldest come first") {
            EditsChanges(base: $0) { page in if page.ids.count > 1 { page.ids.removeLast() } }
        },
        Saboteur("loses changes under concurrent writers", topic: "changes", caughtBy: "never miss the last state") {
            LosesChanges(base: $0)
        },
        Saboteur("pretends to know an unknown cursor", topic: "changes", caughtBy: "never wrote") {
            EditsChanges(base: $0) { $0.isComplete = true }
        },
        Saboteur("gives no hints", topic: "signals", caughtBy: "a task is enqueued") { Signals(base: $0, count: 0) },
        Saboteur("piles hints up", topic: "signals", caughtBy: "keeps at most one waiting") {
            Signals(base: $0, count: 50)
        },
        Saboteur("goes on after it was closed", topic: "life", caughtBy: "a closed store refuses") {
            NeverCloses(base: $0)
        },
    ]
}

struct EditsChanges: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout ChangePage) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout ChangePage) -> Void) {
        self.base = base
        self.edit = edit
    }

    func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        var page = try await base.changes(since: cursor, limit: limit)
        edit(&page)
        return page
    }
}

/// Reads the page first and the end of the log later, as a store does whose numbers are given out before they are committed.
struct LosesChanges: StoreWrapper {
    let base: any TaskStore

    func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        var page = try await base.changes(since: cursor, limit: limit)
        guard cursor != nil, !page.hasMore else { return page }
        for _ in 0..<50 { await Task.yield() }
        page.cursor = try await base.changes(since: nil, limit: 1).cursor
        return page
    }
}

/// Streams with that many elements waiting; of the first kind of defect, they end at once.
struct Signals: StoreWrapper {
    let base: any TaskStore
    let count: Int

    func signals(_ kind: SignalKind) -> AsyncStream<Void> {
        AsyncStream { continuation in
            for _ in 0..<count { continuation.yield() }
            continuation.finish()
        }
    }
}

struct NeverCloses: StoreWrapper {
    let base: any TaskStore

    func close() async {}
}
