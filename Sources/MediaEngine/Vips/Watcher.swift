internal import CVips
internal import Synchronization

/// Stands between a C computation and the job: passes progress on, and stops the computation once the flag is raised.
final class Watcher: Sendable {
    private let cancellation: CancellationFlag
    private let report: @Sendable (Double) -> Void
    private let lastPercent = Atomic<Int>(-1)

    /// `report` gets 0…1, at most once per percent.
    init(_ cancellation: CancellationFlag, report: @escaping @Sendable (Double) -> Void = { _ in }) {
        self.cancellation = cancellation
        self.report = report
    }

    /// Calls `body` with the watch for C; the watch is valid only inside.
    func watch<Result>(_ body: (CVipsWatch) -> Result) -> Result {
        withExtendedLifetime(self) {
            body(
                CVipsWatch(
                    should_continue: { context, percent in
                        guard let context else { return true }
                        return Unmanaged<Watcher>.fromOpaque(context).takeUnretainedValue().advance(Int(percent))
                    },
                    context: Unmanaged.passUnretained(self).toOpaque()
                )
            )
        }
    }

    private func advance(_ percent: Int) -> Bool {
        if lastPercent.exchange(percent, ordering: .relaxed) != percent {
            report(min(max(Double(percent) / 100, 0), 1))
        }
        return !cancellation.isRaised
    }
}
