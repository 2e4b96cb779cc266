import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TaskTesting
import TestSupport
import Testing

/// All of the contract again, through PgBouncer in transaction mode: no notifications, and another session for each transaction.
@Suite(.enabled(if: PostgresServer.isAvailable && PgBouncer.isAvailable), .timeLimit(.minutes(10)))
struct PgBouncerTests {
    private static let shared = Task { try await PgBouncer(before: try await PostgresServer.shared()) }

    @Test(arguments: StoreConformance.checks) func keepsItsPromiseThroughPgBouncer(_ check: StoreCheck) async throws {
        let address = try await Self.shared.value.url()
        try await check.run { clock in
            var options = PostgresTaskStore.Options(schema: PostgresServer.uniqueName())
            options.clock = clock
            return try PostgresTaskStore(address, options: options)
        }
    }

    @Test func aWorkerDrainsAQueueThroughPgBouncer() async throws {
        let site = try await Site()
        let address = try await Self.shared.value.url()
        let store = try site.store(address)
        var ids: [TaskID] = []
        for _ in 0..<10 {
            let tasks = (0..<50).map { _ in NewTask(name: "effect", input: JSONText(trusted: "0")) }
            ids += try await store.enqueue(tasks.map { EnqueueRequest($0) }).map(\.id)
        }
        let workers = [try await site.worker(address), try await site.worker(address)]
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        let report = try await HistoryChecker(site: site).check(acknowledged: ids)
        #expect(report.violations == [])
        #expect(report.effects == 500)
        for worker in workers { worker.process.signal(SIGTERM) }
        for worker in workers { #expect(await worker.process.status() == 0) }
        await store.close()
    }

    @Test func aRunningTasksCancelReachesItsHandlerByTheBeatThroughPgBouncer() async throws {
        let site = try await Site()
        let address = try await Self.shared.value.url()
        let store = try site.store(address)
        let id = try await store.add("slow")
        let (worker, _) = try await site.worker(address, ["lease": "4"])
        #expect(await worker.line(after: "started \(id)") == " 1")
        _ = try await store.cancel(.ids([id]), limit: 1)
        #expect(await worker.line(after: "cancelled \(id)") == " 1")
        try await site.wait(for: id, toBe: .cancelled)
        await store.close()
    }

    @Test func aPgBouncerThatDiesIsReconnectedToAndNothingIsLost() async throws {
        let bouncer = try await PgBouncer(before: try await PostgresServer.shared())
        let site = try await Site()
        let store = try site.store(bouncer.url())
        let (worker, _) = try await site.worker(bouncer.url(), ["lease": "4"])
        var ids: [TaskID] = []
        for _ in 0..<4 {
            for _ in 0..<20 { ids.append(try await store.add("effect", 5, maxAttempts: 100)) }
            try await bouncer.restart()
        }
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        #expect(worker.isRunning)
        #expect(try await HistoryChecker(site: site).check(acknowledged: ids).violations == [])
        await store.close()
    }
}
