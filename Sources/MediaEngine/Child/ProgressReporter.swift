internal import Synchronization

/// Writes progress to standard output, at most 20 times a second unless the phase changes.
final class ProgressReporter: Sendable {
    private struct State {
        var next = ContinuousClock.now
        var phase: MediaProgress.Phase?
    }

    private let state = Mutex(State())

    /// Takes one report, from any thread.
    var report: @Sendable (MediaProgress) -> Void {
        { [self] progress in
            // Written under the lock, so that lines of two threads do not mix.
            state.withLock { state in
                let now = ContinuousClock.now
                guard now >= state.next || progress.phase != state.phase else { return }
                state.next = now.advanced(by: .milliseconds(50))
                state.phase = progress.phase
                _ = StandardStreams.write(.progress(progress))
            }
        }
    }
}
