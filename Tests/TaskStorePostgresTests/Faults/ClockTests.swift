import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 16: processes whose clocks are an hour off. Time is the server's.
@Suite(.enabled(if: PostgresServer.isAvailable && FalseClock.isAvailable, "needs libfaketime"), .timeLimit(.minutes(5)))
struct ClockTests {
    @Test func workersAnHourAheadAndBehindShareWorkAndKeepTheirLeases() async throws {
        let site = try await Site()
        let store = try site.store()
        let ahead = try await site.worker(nil, ["lease": "2"], environment: FalseClock.environment("+1h"))
        let behind = try await site.worker(nil, ["lease": "2"], environment: FalseClock.environment("-1h"))
        // Three leases long: whose lease did not hold would lose it to the other's sweep.
        let long = try await (0..<4).asyncMap { _ in try await store.add("slow", 6000) }
        let later = try await store.add("quick") { $0.runAt = Date() + 3600 }
        let effects = try await (0..<40).asyncMap { _ in try await store.add("effect", 5) }
        try await site.wait(until: "(SELECT count(*) FROM {s}.task_live) = 1")

        for id in long { #expect(try await store.attempts(of: id).map(\.outcome) == [.done]) }
        #expect(try await store.record(later)?.status == .queued)
        // What they wrote is the server's time, and so was what they read.
        #expect(
            try await site.count(
                "SELECT count(*) FROM {s}.task_done WHERE finished_at NOT BETWEEN created_at AND now() OR started_at < created_at"
            ) == 0
        )
        let report = try await HistoryChecker(site: site).check(acknowledged: long + effects + [later], isOver: false)
        #expect(report.violations == [])
        #expect(report.lostAttempts == 0)
        for worker in [ahead, behind] { worker.process.signal(SIGTERM) }
        for worker in [ahead, behind] { #expect(await worker.process.status() == 0) }
        await store.close()
    }

    @Test func aTaskEnqueuedByAProcessAnHourAheadIsDueAtOnce() async throws {
        let site = try await Site()
        let (worker, _) = try await site.worker()
        for offset in ["+1h", "-1h"] {
            let process = try site.process("enqueue", nil, ["key": offset], environment: FalseClock.environment(offset))
            #expect(await process.line(after: "ready") != nil)
            process.send("go")
            let id = try #require(await process.line(after: "inserted ").flatMap { TaskID($0) })
            try await site.wait(for: id, toBe: .done)
        }
        #expect(worker.isRunning)
    }
}

/// Programs that see another time of day; their monotonic clock is the real one.
enum FalseClock {
    private static let library = [
        "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    ].first { FileManager.default.fileExists(atPath: $0) }

    static let isAvailable = library != nil

    /// - Parameter offset: As libfaketime reads it, such as `+1h`.
    static func environment(_ offset: String) -> [String: String] {
        [
            "LD_PRELOAD": library ?? "", "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        ]
    }
}

extension Range<Int> {
    /// One after the other.
    fileprivate func asyncMap<Answer>(_ body: (Int) async throws -> Answer) async throws -> [Answer] {
        var answers: [Answer] = []
        for number in self { answers.append(try await body(number)) }
        return answers
    }
}
