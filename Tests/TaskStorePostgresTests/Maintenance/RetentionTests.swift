import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TaskTesting
import Testing

/// Retention: by sweeps, by one store at a time, in batches.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct RetentionTests {
    private let place: PruningSite

    init() async throws { place = try await PruningSite() }

    @Test func aSweepPrunesWhatIsOldWithItsAttemptsAndKeysAndKeepsTheRest() async throws {
        let store = try place.store(
            PrunePolicy(maxAge: [.done: .seconds(3600), .failed: .seconds(7200), .cancelled: .zero])
        )
        let old = try await place.population(on: store, key: "old")
        place.clock.advance(by: .seconds(5400))
        let young = try await place.population(on: store, key: "young")
        let gone = [old.done, old.cancelled, young.cancelled]
        let kept = [old.failed, young.done, young.failed] + old.unfinished + young.unfinished
        // The task, its end and its key of each, and the attempt of the done one that failed.
        #expect(try await place.rows(of: gone) == 10)
        let rows = try await place.rows(of: kept)

        _ = try await store.rescue(limit: 100)
        #expect(try await place.rows(of: gone) == 0)
        #expect(try await place.rows(of: kept) == rows)
        #expect(
            try await store.tasks(kept + gone).map { $0 != nil } == kept.map { _ in true } + gone.map { _ in false }
        )
        #expect(try await HistoryChecker(site: place.site).check(acknowledged: kept, isOver: false).violations == [])
        // Its key is free again, that of a kept one is not.
        #expect(try await place.enqueue("old-done", on: store) != old.done)
        #expect(try await place.enqueue("young-done", on: store) == young.done)

        place.clock.advance(by: .seconds(1801))
        _ = try await store.rescue(limit: 100)
        #expect(try await place.rows(of: [old.failed]) == 0)
        #expect(try await store.record(young.done) != nil)
        #expect(try await store.record(young.failed) != nil)
        await store.close()
    }

    @Test func manyTasksArePrunedInOneTurnByBatchesOfAThousand() async throws {
        let store = try place.store(.finished(olderThan: .seconds(60)))
        for count in [1000, 1000, 500] { try await place.finishTasks(count, on: store) }
        place.clock.advance(by: .seconds(61))
        _ = try await store.rescue(limit: 100)
        #expect(try await place.statements() == ["first 1000", "first 1000", "first 500", "first 0"])
        #expect(try await place.site.count("SELECT count(*) FROM {s}.task") == 0)
        await store.close()
    }

    @Test func aStoreWithoutRetentionPrunesNothing() async throws {
        let store = try place.store(nil)
        try await place.finishTasks(1, on: store)
        place.clock.advance(by: .seconds(1_000_000))
        _ = try await store.rescue(limit: 100)
        #expect(try await place.statements() == [])
        #expect(try await place.site.count("SELECT count(*) FROM {s}.task_done") == 1)
        await store.close()
    }

    @Test func ofManyStoresThatSweepAtOnceOnePrunesAndNobodyAgainWithinAMinute() async throws {
        let stores = try (0..<5).map { try place.store(.finished(olderThan: .seconds(30)), application: "store-\($0)") }
        for round in 1...30 {
            try await place.finishTasks(1, on: stores[0])
            place.clock.advance(by: .seconds(61))
            try await place.sweepAtOnce(stores)
            place.clock.advance(by: .seconds(31))
            try await place.finishTasks(1, on: stores[0])
            try await place.sweepAtOnce(stores)
            // Each turn ends with a statement that finds nothing.
            let statements = try await place.statements()
            #expect(statements.count == 2 * round, "\(statements.suffix(4))")
            let names = Set(statements.suffix(2).map { $0.prefix { $0 != " " } })
            #expect(names.count == 1)
        }
        for store in stores { await store.close() }
    }

    @Test func whenTheStoreThatPrunedIsGoneAnotherDoes() async throws {
        let maker = try place.store(nil)
        var stores: [String: PostgresTaskStore] = [:]
        for name in ["a", "b", "c"] {
            stores[name] = try place.store(.finished(olderThan: .seconds(30)), application: name)
        }
        while !stores.isEmpty {
            try await place.finishTasks(1, on: maker)
            place.clock.advance(by: .seconds(61))
            try await place.sweepAtOnce(Array(stores.values))
            let last = try #require(try await place.statements().last)
            let winner = last.prefix { $0 != " " }
            let pruned = stores.removeValue(forKey: String(winner))
            try await #require(pruned).close()
            #expect(try await place.site.count("SELECT count(*) FROM {s}.task") == 0)
        }
        await maker.close()
    }
}

/// A site whose time the test moves, and that notes every statement that prunes: by which store, and how many tasks.
struct PruningSite {
    let site: Site
    /// Ahead of the server's own, by which migrations write when maintenance is due.
    let clock = ManualClock(Date() + 3600)

    init() async throws {
        site = try await Site()
        _ = try await site.sql(
            """
            CREATE TABLE {s}.pruning (number bigint GENERATED ALWAYS AS IDENTITY, store text, tasks bigint);
            CREATE FUNCTION {s}.note_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO {s}.pruning (store, tasks)
                SELECT current_setting('application_name'), count(*) FROM gone;
                RETURN NULL;
            END $$;
            CREATE TRIGGER note_pruning AFTER DELETE ON {s}.task_done REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION {s}.note_pruning();
            """
        )
    }

    func store(_ retention: PrunePolicy?, application: String = "first") throws -> PostgresTaskStore {
        try site.store(site.url(application: application)) {
            $0.retention = retention
            $0.clock = clock
            $0.listens = false
        }
    }

    /// The statements that pruned so far, as the store's name and the number of tasks.
    func statements() async throws -> [String] {
        try await site.sql("SELECT store || ' ' || tasks FROM {s}.pruning ORDER BY number").compactMap(\.[0])
    }

    func sweepAtOnce(_ stores: [PostgresTaskStore]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores { group.addTask { _ = try await store.rescue(limit: 100) } }
            try await group.waitForAll()
        }
    }

    /// Stores tasks and has them done.
    func finishTasks(_ count: Int, on store: PostgresTaskStore) async throws {
        _ = try await store.enqueue((0..<count).map { _ in EnqueueRequest(NewTask(name: "quick")) })
        let claimed = try await store.claim(count)
        #expect(claimed.count == count)
        #expect(try await store.finish(claimed.map { $0.done() }).allSatisfy { $0 == .accepted(.done) })
    }

    /// A task for each way to be.
    struct Population {
        var done: TaskID
        var failed: TaskID
        var cancelled: TaskID
        /// One queued, one scheduled, one running.
        var unfinished: [TaskID]
    }

    /// Each with a key that begins so; the done and the failed one with an attempt that failed before.
    func population(on store: PostgresTaskStore, key: String) async throws -> Population {
        let done = try await enqueue("\(key)-done", on: store)
        try await finish(done, as: .failed(Self.failure, retryAfter: .zero), on: store)
        try await finish(done, as: .done(result: JSONText(trusted: "1"), followUps: []), on: store)
        let failed = try await enqueue("\(key)-failed", on: store)
        try await finish(failed, as: .failed(Self.failure, retryAfter: .zero), on: store)
        try await finish(failed, as: .failed(Self.failure, retryAfter: nil), on: store)
        let cancelled = try await enqueue("\(key)-cancelled", on: store)
        _ = try await store.cancel(.ids([cancelled]), limit: 1)
        let running = try await enqueue("\(key)-running", on: store)
        _ = try #require(try await store.claim(1, by: "steady", lease: .seconds(100_000)).first)
        let scheduled = try await store.add("quick") { $0.runAt = clock.now() + 100_000 }
        // Never claimed, for nobody serves its queue.
        let queued = try await store.add("quick") { $0.queue = "elsewhere" }
        return Population(done: done, failed: failed, cancelled: cancelled, unfinished: [running, scheduled, queued])
    }

    private static let failure = TaskFailure(code: "boom", message: "It broke.", isRetryable: true)

    /// The id of the task that has the idempotency key then.
    func enqueue(_ key: String, on store: PostgresTaskStore) async throws -> TaskID {
        let task = NewTask(name: "quick", idempotency: IdempotencyKey(key))
        return try await store.enqueue([EnqueueRequest(task)])[0].id
    }

    private func finish(_ id: TaskID, as outcome: Finish.Outcome, on store: PostgresTaskStore) async throws {
        let claimed = try #require(try await store.claim(1).first)
        #expect(claimed.record.id == id)
        guard case .accepted = try await store.finish([Finish(lease: claimed.lease, outcome: outcome)])[0] else {
            throw TaskError(.invalidInput, "the finish was not accepted")
        }
    }

    /// How many rows of any table are about these tasks.
    func rows(of ids: [TaskID]) async throws -> Int {
        let list = ids.map(\.description).joined(separator: ",")
        return try await site.count(
            """
            SELECT count(*) FROM (
                SELECT id FROM {s}.task UNION ALL SELECT id FROM {s}.task_live UNION ALL SELECT id FROM {s}.task_done
                UNION ALL SELECT task FROM {s}.attempt UNION ALL SELECT task FROM {s}.idempotency
            ) r WHERE r.id = ANY ('{\(list)}'::uuid[])
            """
        )
    }
}
