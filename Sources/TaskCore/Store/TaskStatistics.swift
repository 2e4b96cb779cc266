#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Which tasks statistics are about.
public struct StatisticsQuery: Hashable, Sendable {
    /// Which tasks.
    public var filter: TaskFilter
    /// Waits, durations, days and throughput count tasks finished within this long before now; counts by status have no window.
    public var window: Duration

    /// A query with these parts; a day unless said otherwise.
    public init(_ filter: TaskFilter = .all, window: Duration = .seconds(86_400)) {
        self.filter = filter
        self.window = window
    }
}

/// Counts and durations.
public struct TaskStatistics: Hashable, Sendable, Codable {
    /// A spread of durations, in seconds.
    public struct Spread: Hashable, Sendable, Codable {
        /// How many durations.
        public var count: Int
        /// Their mean.
        public var average: Double
        /// The median: the smallest that at least half of them do not exceed (nearest rank).
        public var p50: Double
        /// The smallest that at least 95 % of them do not exceed (nearest rank).
        public var p95: Double

        /// A spread with these figures.
        public init(count: Int, average: Double, p50: Double, p95: Double) {
            self.count = count
            self.average = average
            self.p50 = p50
            self.p95 = p95
        }

        /// The spread of these durations in seconds; nil of none.
        public init?(_ seconds: [Double]) {
            guard !seconds.isEmpty else { return nil }
            let sorted = seconds.sorted()
            func rank(_ part: Double) -> Double { sorted[Self.rank(part, of: sorted.count)] }
            self.init(
                count: sorted.count,
                average: sorted.reduce(0, +) / Double(sorted.count),
                p50: rank(0.5),
                p95: rank(0.95)
            )
        }

        /// The index of the nearest rank: ⌈part × count⌉ − 1.
        public static func rank(_ part: Double, of count: Int) -> Int {
            max(0, min(count - 1, Int((part * Double(count)).rounded(.up)) - 1))
        }
    }

    /// Tasks finished on one day (UTC).
    public struct Day: Hashable, Sendable, Codable {
        /// The day's beginning.
        public var start: Date
        /// How many became done.
        public var done: Int
        /// How many failed.
        public var failed: Int
        /// How many were cancelled.
        public var cancelled: Int

        /// A day with these counts.
        public init(start: Date, done: Int = 0, failed: Int = 0, cancelled: Int = 0) {
            self.start = start
            self.done = done
            self.failed = failed
            self.cancelled = cancelled
        }
    }

    /// How many selected tasks there are of each status; statuses without any are absent.
    public var counts: [TaskStatus: Int]
    /// Days with finished tasks within the window, oldest first.
    public var days: [Day]
    /// From `createdAt` to the last attempt's `startedAt`, of tasks done or failed within the window.
    public var wait: Spread?
    /// From the last attempt's `startedAt` to `finishedAt`, of tasks done or failed within the window.
    public var duration: Spread?
    /// Tasks finished per second within the window.
    public var throughput: Double

    /// Statistics with these figures.
    public init(
        counts: [TaskStatus: Int],
        days: [Day] = [],
        wait: Spread? = nil,
        duration: Spread? = nil,
        throughput: Double = 0
    ) {
        self.counts = counts
        self.days = days
        self.wait = wait
        self.duration = duration
        self.throughput = throughput
    }
}
