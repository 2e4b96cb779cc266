import TaskCore

/// The middle of a set of times and what one in a hundred exceeds, in milliseconds.
struct Ranks: Sendable {
    var p50 = 0.0
    var p99 = 0.0

    init(nanoseconds: some Sequence<Int64>) {
        let sorted = nanoseconds.sorted()
        guard !sorted.isEmpty else { return }
        func rank(_ part: Double) -> Double {
            Double(sorted[TaskStatistics.Spread.rank(part, of: sorted.count)]) / 1_000_000
        }
        p50 = rank(0.5)
        p99 = rank(0.99)
    }
}
