import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// Fault 23: a handler that reports nonsense, a million times a second.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct ProgressTests {
    @Test func progressIsClampedAndNeverGoesBackAndIsWrittenFourTimesASecondAtMost() async throws {
        let site = try await Site()
        let manager = try await TaskManager(store: try site.store(), migrating: false)
        let onlooker = try site.store()
        let worker = try TaskWorker(manager) { Noisy() }
        try await worker.whileRunning {
            let handle = try await manager.enqueue(Noisy.self, 3)
            var seen: [Double] = []
            while let record = try await onlooker.record(handle.id), !record.isFinished {
                seen.append(record.progress.fraction)
            }
            let reports = try await handle.value
            let record = try await handle.record
            let duration = record.finishedAt?.timeIntervalSince(record.startedAt ?? .distantPast) ?? 0
            // One for the enqueue, one for the claim and one for the end.
            let writes =
                try await site.count(
                    "SELECT count(*) FROM {s}.change WHERE '\(handle.id)' = ANY (ids)"
                ) - 3
            print("\(reports) reports in \(duration) s: \(writes) writes, \(Set(seen).count) fractions seen")
            #expect(reports > 100_000)
            #expect(Double(writes) <= 4 * duration + 1)
            #expect(writes >= 1)
            #expect(seen == seen.sorted())
            #expect(seen.allSatisfy { (0...1).contains($0) })
        }
        await manager.close()
        await onlooker.close()
    }

    @Test(arguments: [-1.0, 2.5, .nan, .infinity, -.infinity, 1e308]) func anyNumberIsBroughtIntoRange(number: Double)
        async throws
    {
        let site = try await Site()
        let store = try site.store()
        let id = try await store.add("quick")
        let claimed = try #require(try await store.claim(1).first)
        let progress = TaskProgress(processed: number, total: 1, message: "m\0\u{FFFF}")
        let report = TaskReport(lease: claimed.lease, progress: progress)
        let beat = WorkerBeat(worker: claimed.lease.worker, held: [claimed.lease], reports: [report])
        #expect(try await store.beat(beat).lost.isEmpty)
        let kept = try #require(try await store.record(id)?.progress)
        #expect(kept.processed.isFinite)
        #expect((0...1).contains(kept.fraction))
        #expect(try await store.finish([claimed.done()]) == [.accepted(.done)])
        await store.close()
    }

    /// Reports for so many seconds, and answers how often.
    private struct Noisy: TaskDefinition {
        static let name = "noisy"

        func run(_ input: Int, context: TaskContext) async throws -> Int {
            let end = ContinuousClock.now + .seconds(input)
            var count = 0
            while ContinuousClock.now < end {
                for value in [Double.nan, -1, 2.5, .infinity] { context.report(value, of: 1) }
                for _ in 0..<1000 {
                    count += 1
                    context.report(Double(count), of: 1e9, message: "\(count)")
                }
                await Task.yield()
            }
            return count
        }
    }
}
