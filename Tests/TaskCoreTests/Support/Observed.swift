import CoreMetrics
import InMemoryLogging
import Logging
import MetricsTestKit
import TaskCore

/// What a manager and its workers log and count, for one test alone: other tests of the process are not in it.
struct Observed {
    let log = InMemoryLogHandler()
    let metrics = TestMetrics()

    /// Runs a body with a manager that is observed; what the body makes, workers for one, is observed too.
    func run<Result>(
        on store: any TaskStore,
        _ body: (TaskManager) async throws -> Result
    ) async throws -> Result {
        try await withMetricsFactory(metrics) {
            let logger = Logger(label: "observed") { _ in log }
            return try await body(try await TaskManager(store: store, logger: logger))
        }
    }

    /// The sum of a counter, of all its dimensions or one.
    func count(_ label: String, _ dimension: (String, String)? = nil) -> Int64 {
        metrics.counters.filter { Self.isOf($0.label, $0.dimensions, label, dimension) }
            .reduce(0) { $0 + $1.totalValue }
    }

    /// How many durations a timer recorded, of all its dimensions or one.
    func durations(_ label: String, _ dimension: (String, String)? = nil) -> Int {
        metrics.timers.filter { Self.isOf($0.label, $0.dimensions, label, dimension) }
            .reduce(0) { $0 + $1.values.count }
    }

    private static func isOf(
        _ label: String,
        _ dimensions: [(String, String)],
        _ wanted: String,
        _ dimension: (String, String)?
    ) -> Bool {
        label == wanted && (dimension.map { one in dimensions.contains { $0 == one } } ?? true)
    }

    /// The log lines whose message contains a text.
    func lines(_ text: String) -> [InMemoryLogHandler.Entry] {
        log.entries.filter { $0.message.description.contains(text) }
    }
}

extension InMemoryLogHandler.Entry {
    /// A member of the line's metadata as text, and its level by the name `level`.
    func member(_ key: String) -> String? { key == "level" ? level.rawValue : metadata[key]?.description }
}
