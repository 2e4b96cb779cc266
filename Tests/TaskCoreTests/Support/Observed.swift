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

    /// How often a counter was incremented, over all its dimensions that contain these.
    func count(_ label: String, _ dimension: (String, String)? = nil) -> Int64 {
        metrics.counters
            .filter { counter in
                counter.label == label
                    && (dimension.map { wanted in counter.dimensions.contains { $0 == wanted } } ?? true)
            }
            .reduce(0) { $0 + $1.totalValue }
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
