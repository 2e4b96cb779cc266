import Foundation
import PostgresTestSupport
import Synchronization
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// A link that is cut many times a second, whatever is under way: little gets done then, but nothing is lost, and it goes on.
@Suite(.enabled(if: PostgresServer.isAvailable && isSoak), .timeLimit(.minutes(10))) struct FlickeringLinkTests {
    @Test(arguments: [500, 200, 100, 50, 25])
    func aWorkerWhoseLinkIsCutManyTimesASecondLosesAndDoublesNothing(milliseconds: Int) async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store()
        let tasks = (0..<2000).map { _ in NewTask(name: "effect", input: JSONText(trusted: "0"), maxAttempts: 1000) }
        for start in stride(from: 0, to: 2000, by: 500) {
            _ = try await store.enqueue(tasks[start..<start + 500].map { EnqueueRequest($0) })
        }
        let (worker, _) = try await site.worker(site.url(port: proxy.port), ["lease": "60", "concurrency": "8"])
        let warnings = Mutex<[String: Int]>([:])
        let reading = Task {
            for await line in worker.log {
                guard let text = Self.warnings.first(where: { line.contains($0) }) else { continue }
                warnings.withLock { $0[text, default: 0] += 1 }
            }
        }
        let end = ContinuousClock.now + .seconds(15)
        let before = try await site.count("SELECT count(*) FROM {s}.task_done")
        let accepted = await proxy.counters().accepted
        var cuts = 0
        while ContinuousClock.now < end {
            // The pace of the fault.
            try await Task.sleep(for: .milliseconds(milliseconds))
            await proxy.cutAll()
            cuts += 1
        }
        let done = try await site.count("SELECT count(*) FROM {s}.task_done") - before
        let connections = await proxy.counters().accepted - accepted
        print(
            "cut every \(milliseconds) ms, \(cuts) times: \(done) tasks, \(connections) connections, \(warnings.withLock(\.self))"
        )
        #expect(worker.isRunning)
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        let report = try await HistoryChecker(site: site).check(acknowledged: tasks.map(\.id))
        #expect(report.violations == [])
        #expect(report.lostAttempts == 0)
        #expect(report.duplicates == 0)
        reading.cancel()
        await store.close()
    }

    private static let warnings = [
        "claim failed", "outcomes could not be written", "gave back tasks", "heartbeat failed",
        "notifications are lost",
    ]
}
