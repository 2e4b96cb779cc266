import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 30: the next version beside this one, several migrators at once, and pruning under load.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct VersionTests {
    /// A later program's schema, with which this one still works.
    private static let next = Schema(
        migrations: Schema.current.migrations + [
            Schema.Migration(
                up: Array(
                    "ALTER TABLE {schema}.task ADD COLUMN note text; CREATE TABLE {schema}.later (id uuid);".utf8
                ),
                down: Array("DROP TABLE {schema}.later; ALTER TABLE {schema}.task DROP COLUMN note;".utf8),
                worksWith: 1
            )
        ]
    )

    @Test func workersOfThisVersionGoOnWhileTheNextOneMigratesUpAndDown() async throws {
        let site = try await Site()
        let (store, later) = (try site.store(), try site.store())
        let (worker, _) = try await site.worker(nil, ["lease": "20", "concurrency": "8"])
        let load = Task {
            var ids: [TaskID] = []
            do {
                while !Task.isCancelled { ids.append(try await store.add("effect", 1, maxAttempts: 100)) }
            } catch is CancellationError {
                // What was on its way is not acknowledged.
            }
            return ids
        }
        for _ in 0..<5 {
            try await later.migrate(Self.next, to: nil)
            #expect(try await later.schemaVersion() == 2)
            // This version's own migration leaves it alone.
            try await store.migrate()
            #expect(try await store.schemaVersion() == 2)
            let id = try await store.add("quick", 2)
            try await site.wait(for: id, toBe: .done)
            try await later.migrate(Self.next, to: 1)
            #expect(try await store.schemaVersion() == 1)
        }
        load.cancel()
        let ids = try await load.value
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        #expect(worker.isRunning)
        #expect(try await HistoryChecker(site: site).check(acknowledged: ids).violations == [])
        await store.close()
        await later.close()
    }

    @Test func ofManyMigratorsAtOnceOneMigratesAndAllSucceed() async throws {
        let site = try await Site()
        for _ in 0..<3 {
            let fresh = PostgresServer.uniqueName()
            let processes = try (0..<4).map { _ in try site.process("migrate", nil, ["schema": fresh]) }
            for process in processes { #expect(await process.line(after: "ready") != nil) }
            for process in processes { process.send("go") }
            for process in processes { #expect(await process.line(after: "version ") == "1") }
            #expect(try await site.count("SELECT count(*) FROM \(fresh).schema_version") == 1)
        }
    }

    @Test func twoVersionsThatMigrateAtOnceEndAtTheNewer() async throws {
        for _ in 0..<5 {
            let site = try await Site()
            let (store, later) = (try site.store(), try site.store())
            try await store.migrate(to: 0)
            async let first: Void = store.migrate()
            async let second: Void = later.migrate(Self.next, to: nil)
            _ = try await (first, second)
            #expect(try await store.schemaVersion() == 2)
            let id = try await store.add("quick")
            #expect(try await later.record(id)?.status == .queued)
            await store.close()
            await later.close()
        }
    }

    @Test func pruningUnderLoadLeavesRunningAndQueuedTasksAlone() async throws {
        let site = try await Site()
        let (store, pruner) = (try site.store(), try site.store())
        let running = try await store.add("slow")
        let (worker, _) = try await site.worker(nil, ["concurrency": "8"])
        #expect(await worker.line(after: "started \(running)") == " 1")
        let waiting = try await store.add("quick") { $0.runAt = Date() + 3600 }
        let load = Task {
            var count = 0
            while !Task.isCancelled {
                try await store.add("quick", 1)
                count += 1
            }
            return count
        }
        var pruned = 0
        while pruned < 300 {
            pruned += try await pruner.prune(.finished(olderThan: .zero), limit: 20).values.reduce(0, +)
        }
        load.cancel()
        let count = try await load.value
        try await site.wait(until: "(SELECT count(*) FROM {s}.task_live) = 2")
        #expect(try await site.count("SELECT count(*) FROM {s}.task_done") == count - pruned)
        #expect(try await store.record(running)?.status == .running)
        #expect(try await store.record(running)?.fence == 1)
        #expect(try await store.record(waiting)?.status == .queued)
        let report = try await HistoryChecker(site: site).check(acknowledged: [running, waiting], isOver: false)
        #expect(report.violations == [])
        await store.close()
        await pruner.close()
    }
}
