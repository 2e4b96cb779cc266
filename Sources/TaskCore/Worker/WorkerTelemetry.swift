#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Metrics

/// What a worker measures of the attempts it runs.
struct WorkerTelemetry: Sendable {
    private let durations: [String: Timer]
    private let waits = Timer(label: "taskcore_wait_seconds")
    private let staleCounter = Counter(label: "taskcore_stale_total", dimensions: [("verb", "finish")])

    init(_ registry: TaskRegistry) {
        durations = Dictionary(
            uniqueKeysWithValues: registry.all.map {
                ($0.name, Timer(label: "taskcore_run_seconds", dimensions: [("name", $0.name)]))
            }
        )
    }

    /// An attempt's outcome was accepted.
    func ended(_ attempt: RunningAttempt) {
        durations[attempt.record.name]?.recordNanoseconds((ContinuousClock.now - attempt.startedAt).nanoseconds)
        if let startedAt = attempt.record.startedAt {
            waits.recordNanoseconds(Int64(max(0, startedAt.timeIntervalSince(attempt.record.runAt)) * 1e9))
        }
    }

    /// An attempt's outcome was refused.
    func stale() { staleCounter.increment() }
}
