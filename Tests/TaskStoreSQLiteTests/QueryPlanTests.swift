import Foundation
import GRDB
import TaskCore
@testable import TaskStoreSQLite
import Testing

/// No hot statement looks at every task, also when somebody analysed the file while it held two tasks.
@Suite struct QueryPlanTests {
    private let scratch: Scratch

    init() async throws {
        scratch = try Scratch()
        let store = try await scratch.store()
        let tasks = (0..<2).map {
            NewTask(
                name: "n",
                metadata: ["a": 1],
                owner: "o",
                parent: TaskID(),
                idempotency: IdempotencyKey("k\($0)"),
                uniqueKey: "u\($0)"
            )
        }
        _ = try await store.enqueue(tasks.map { EnqueueRequest($0) })
        _ = try await store.complete(try await store.claim(1, by: WorkerID(rawValue: "w")))
        await store.close()
    }

    /// The statements of every minute: claims, beats, finishes, sweeps, keys, changes and pruning.
    static let statements: [(name: String, sql: String)] = [
        ("attempt_insert", SQLText.attemptInsert), ("attempt_list", SQLText.attemptList),
        ("beat_cancelled", SQLText.beatCancelled), ("beat_held", SQLText.beatHeld),
        ("change_first", SQLText.changeFirst), ("change_insert", SQLText.changeInsert),
        ("change_kinds", SQLText.changeKinds), ("change_last", SQLText.changeLast),
        ("change_page", SQLText.changePage), ("change_trim", SQLText.changeTrim),
        ("claim_find", SQLText.claimFind), ("claim_next", SQLText.claimNext),
        ("claim_promote", SQLText.claimPromote), ("claim_take", SQLText.claimTake),
        ("enqueue_state", SQLText.enqueueState), ("enqueue_task", SQLText.enqueueTask),
        ("finish_done", SQLText.finishDone), ("idempotency_delete", SQLText.idempotencyDelete),
        ("idempotency_find", SQLText.idempotencyFind), ("idempotency_put", SQLText.idempotencyPut),
        ("prune_attempts", SQLText.pruneAttempts), ("prune_find", SQLText.pruneFind),
        ("prune_state", SQLText.pruneState), ("prune_task", SQLText.pruneTask),
        ("queue_is_paused", SQLText.queueIsPaused), ("queue_pause", SQLText.queuePause),
        ("queue_resume", SQLText.queueResume), ("rescue_find", SQLText.rescueFind),
        ("running_of_worker", SQLText.runningOfWorker), ("unique_find", SQLText.uniqueFind),
        ("update_request", SQLText.updateRequest), ("update_state", SQLText.updateState),
        ("worker_delete", SQLText.workerDelete), ("worker_find", SQLText.workerFind),
        ("worker_forget", SQLText.workerForget), ("worker_list", SQLText.workerList),
        ("worker_renew", SQLText.workerRenew), ("task by id", TaskRow.byID), ("task by key", TaskRow.byKey),
    ]

    /// Those that count all tasks, or all active ones, on purpose: from narrow indexes, and never for a worker's sake.
    static let counting = ["statistics_counts", "queue_counts"]

    @Test(arguments: [false, true]) func noHotStatementLooksAtEveryTask(misled: Bool) throws {
        let foreign = try Foreign(scratch.path)
        if misled { try foreign.run("ANALYZE") }
        for (name, sql) in Self.statements {
            let scans = try plan(of: sql, foreign).filter(Self.looksAtEveryTask)
            #expect(scans.isEmpty, "\(name): \(scans)")
        }
    }

    @Test func migratingForgetsStatistics() async throws {
        let foreign = try Foreign(scratch.path)
        try foreign.run("ANALYZE")
        let store = try await scratch.store()
        #expect(try foreign.number("SELECT count(*) FROM sqlite_master WHERE name LIKE 'sqlite_stat%'") == 0)
        await store.close()
    }

    @Test func everyStatementIsExaminedOrSaidToCount() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/TaskStoreSQLite/SQL")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .map { String($0.prefix { $0 != "." }) }
            .filter { !$0.hasPrefix("m0") && $0 != "record_columns" }
        #expect(Set(names) == Set(Self.statements.map(\.name).filter { !$0.contains(" ") } + Self.counting))
    }

    static let filters: [(name: String, filter: TaskFilter)] = [
        ("none", .all),
        ("queued", TaskFilter(statuses: [.queued])),
        ("running", TaskFilter(statuses: [.running])),
        ("done", TaskFilter(statuses: [.done])),
        ("failed or cancelled", TaskFilter(statuses: [.failed, .cancelled])),
        ("a name", TaskFilter(names: ["a"])),
        ("two names", TaskFilter(names: ["a", "b"])),
        ("a queue", TaskFilter(queues: ["a"])),
        ("two queues", TaskFilter(queues: ["a", "b"])),
        ("an owner", TaskFilter(owner: "a")),
        ("a parent", TaskFilter(parent: TaskID())),
        ("metadata", TaskFilter(metadata: ["a": 1])),
        ("created", TaskFilter(created: Date.distantPast..<Date.distantFuture)),
        ("updated", TaskFilter(updated: Date.distantPast..<Date.distantFuture)),
        ("finished", TaskFilter(finished: Date.distantPast..<Date.distantFuture)),
        ("an owner's running of a name", TaskFilter(statuses: [.running], names: ["a"], owner: "b")),
        ("a queue's failed", TaskFilter(statuses: [.failed], queues: ["a"])),
        (
            "a name's done since",
            TaskFilter(statuses: [.done], names: ["a"], created: Date.distantPast..<Date.distantFuture)
        ),
    ]

    @Test(arguments: filters.indices)
    func aListWalksAlongAnIndexAndSortsNothing(_ index: Int) throws {
        let (name, filter) = Self.filters[index]
        let foreign = try Foreign(scratch.path)
        for order in [TaskQuery.Order.newestFirst, .oldestFirst] {
            for cursor in [nil, TaskCursor(createdAt: Date(), id: TaskID())] {
                let sql = try #require(TaskSearch(filter, order: order, after: cursor).query()?.sql)
                let plan = try plan(of: sql, foreign)
                let scans = plan.filter(Self.looksAtEveryTask)
                #expect(scans.isEmpty, "\(name), \(order): \(scans)")
                // Ids within one moment may be sorted, and running tasks, which are as few as slots.
                let sorts = plan.filter { $0 == "USE TEMP B-TREE FOR ORDER BY" }
                #expect(sorts.isEmpty || filter.statuses == [.running], "\(name), \(order): \(plan)")
            }
        }
    }

    private func plan(of sql: String, _ foreign: Foreign) throws -> [String] {
        try foreign.texts("EXPLAIN QUERY PLAN \(sql)")
    }

    /// A walk through a table of tasks, or through one of its indexes but the running tasks'.
    private static func looksAtEveryTask(_ step: String) -> Bool {
        let words = step.split(separator: " ")
        guard words.first == "SCAN", words.count > 1,
            ["t", "s", "task", "task_state", "attempt", "idempotency"].contains(words[1])
        else { return false }
        return words.last != "task_state_running"
    }
}
