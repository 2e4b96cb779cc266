import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 16: processes that enqueue with their clocks an hour off. Time is the server's.
@Suite(.enabled(if: PostgresServer.isAvailable && FalseClock.isAvailable, "needs libfaketime"), .timeLimit(.minutes(5)))
struct ClockTests {
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
