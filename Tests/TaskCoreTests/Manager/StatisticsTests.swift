import Foundation
import TaskCore
import TaskTesting
import Testing

/// Figures against figures worked out by hand.
@Suite struct StatisticsTests {
    private let clock = ManualClock(Date(timeIntervalSince1970: 20_000 * 86_400))

    @Test func waitsAndDurationsHaveTheMeanMedianAndNinetyFifthPercentileOfPaper() async throws {
        let tasks = try await makeManager(MemoryTaskStore(clock: clock))
        // Waits of 1, 2 … 20 s; durations of 2, 4 … 40 s.
        for number in 1...20 {
            let handle = try await tasks.enqueue(Greet.self, "x")
            clock.advance(by: .seconds(number))
            let claimed = try #require(try await tasks.claim(from: "default"))
            #expect(claimed.id == handle.id)
            clock.advance(by: .seconds(2 * number))
            try await claimed.complete("ok")
        }
        let statistics = try await tasks.statistics()
        // Nearest ranks of 20: the 10th and the 19th.
        #expect(statistics.wait == TaskStatistics.Spread(count: 20, average: 10.5, p50: 10, p95: 19))
        #expect(statistics.duration == TaskStatistics.Spread(count: 20, average: 21, p50: 20, p95: 38))
        #expect(statistics.throughput == 20.0 / 86_400)
        #expect(statistics.counts == [.done: 20])
    }

    @Test(arguments: [
        (0.5, 1, 0), (0.95, 1, 0), (0.5, 2, 0), (0.95, 2, 1), (0.5, 3, 1), (0.5, 4, 1), (0.95, 19, 18), (0.95, 20, 18),
        (0.95, 21, 19), (0.5, 101, 50), (0.95, 100, 94),
    ])
    func nearestRanksAreThoseOfTheBook(part: Double, count: Int, index: Int) {
        #expect(TaskStatistics.Spread.rank(part, of: count) == index)
    }

    @Test func finishedTasksAreCountedOnTheirDayAndWithinTheWindow() async throws {
        let tasks = try await makeManager(MemoryTaskStore(clock: clock))
        let start = clock.now()
        func finish(_ end: (ManualTask) async throws -> Void) async throws {
            try await tasks.enqueue(Greet.self, "x")
            try await end(try #require(try await tasks.claim(from: "default")))
        }
        // Day 0: two done, one failed. Day 1: nothing. Day 2: one done, one cancelled.
        try await finish { try await $0.complete("ok") }
        try await finish { try await $0.complete("ok") }
        try await finish { try await $0.fail(PermanentFailure("no")) }
        clock.advance(by: .seconds(2 * 86_400))
        try await finish { try await $0.complete("ok") }
        try await tasks.enqueue(Greet.self, "x").cancel()
        try await tasks.enqueue(Greet.self, "waits")

        let all = try await tasks.statistics(window: .seconds(3 * 86_400))
        #expect(
            all.days == [
                TaskStatistics.Day(start: start, done: 2, failed: 1),
                TaskStatistics.Day(start: start.addingTimeInterval(2 * 86_400), done: 1, cancelled: 1),
            ]
        )
        #expect(all.counts == [.done: 3, .failed: 1, .cancelled: 1, .queued: 1])
        #expect(all.throughput == 5.0 / (3 * 86_400))
        let lastDay = try await tasks.statistics()
        #expect(lastDay.days.map(\.done) == [1])
        #expect(lastDay.throughput == 2.0 / 86_400)
        #expect(lastDay.counts == all.counts)
    }
}
