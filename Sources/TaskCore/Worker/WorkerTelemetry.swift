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

    /// Attempts ended; those whose outcome was accepted are measured.
    func ended(_ answers: some Sequence<(RunningAttempt, FinishResult)>) {
        let now = ContinuousClock.now
        var (name, duration): (String, Timer?) = ("", nil)
        for case (let attempt, .accepted) in answers {
            // Neighbours are mostly of one type, so few names are looked up.
            if attempt.record.name != name { (name, duration) = (attempt.record.name, durations[attempt.record.name]) }
            if let startedAt = attempt.startedAt { duration?.recordNanoseconds((now - startedAt).nanoseconds) }
            if let claimedAt = attempt.record.startedAt {
                waits.recordNanoseconds(Int64(max(0, claimedAt.timeIntervalSince(attempt.record.runAt)) * 1e9))
            }
        }
    }

    /// An attempt's outcome was refused.
    func stale() { staleCounter.increment() }
}
