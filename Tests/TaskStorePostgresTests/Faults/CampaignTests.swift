import PostgresTestSupport
import Testing

/// Faults 6 and 7, and all of them mixed with killed workers: nothing lost, nothing doubled, and no worker has to be started anew.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(20))) struct CampaignTests {
    /// Two at a time: each waits more than it works.
    static let pairs: [[UInt64]] = stride(from: 1, to: isSoak ? 41 : 11, by: 2).map { [$0, $0 + 1] }

    @Test(arguments: pairs) func killsTerminatedSessionsAndCrashesLoseAndDoubleNothing(seeds: [UInt64]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in seeds {
                group.addTask {
                    let result = try await Campaign(seed: seed).run()
                    print("campaign seed \(seed): \(result)")
                    #expect(result.report.violations == [])
                    #expect(result.workersThatGaveUp == 0)
                    #expect(result.acknowledged > 0)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aServerThatCrashesUnderLoadLosesAndDoublesNothingAndWorkersReconnect() async throws {
        let result = try await Campaign(seed: 7, faults: [.crashServer], count: 4, gap: 300...1500).run()
        print("server crashes: \(result)")
        #expect(result.report.violations == [])
        #expect(result.workersThatGaveUp == 0)
        #expect(result.faults[.crashServer] == 4)
    }

    @Test func sessionsTerminatedFiveTimesASecondLoseAndDoubleNothing() async throws {
        let result = try await Campaign(seed: 8, faults: [.terminateSessions], count: isSoak ? 100 : 25, gap: 150...200)
            .run()
        print("terminated sessions: \(result)")
        #expect(result.report.violations == [])
        #expect(result.workersThatGaveUp == 0)
    }
}
