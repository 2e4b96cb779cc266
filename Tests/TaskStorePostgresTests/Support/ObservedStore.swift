import CoreMetrics
import InMemoryLogging
import Logging
import MetricsTestKit
import TaskStorePostgres

/// What a store logs and measures, for one test alone: other stores of the process are not in it.
struct ObservedStore {
    let store: PostgresTaskStore
    private let log: InMemoryLogHandler
    private let metrics: TestMetrics

    init(
        _ site: Site,
        _ address: String? = nil,
        _ configure: (inout PostgresTaskStore.Options) -> Void = { _ in }
    ) throws {
        let (log, metrics) = (InMemoryLogHandler(), TestMetrics())
        self.log = log
        self.metrics = metrics
        store = try withMetricsFactory(metrics) {
            try site.store(address) {
                $0.logger = Logger(label: "observed") { _ in log }
                configure(&$0)
            }
        }
    }

    /// What a gauge said so far, oldest first.
    func values(_ gauge: String) -> [Double] {
        metrics.recorders.filter { $0.label == gauge }.flatMap(\.values)
    }

    /// Waits until a gauge says so. The test's time limit ends it.
    func wait(until gauge: String, says value: Double) async throws {
        while values(gauge).last != value { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// The warnings whose message contains a text.
    func warnings(_ text: String) -> [InMemoryLogHandler.Entry] {
        log.entries.filter { $0.level == .warning && $0.message.description.contains(text) }
    }
}
