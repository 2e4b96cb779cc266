internal import Synchronization

/// Tells running C code to stop: raised by hand or by its deadline, read from callbacks on any thread.
///
/// Reading costs one atomic load and one look at the monotonic clock. Pass it to C as an unretained pointer and keep it
/// alive for the length of the call.
package final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)
    private let deadline: ContinuousClock.Instant?

    /// A flag that raises itself `seconds` from now; one without a deadline when nil or not finite.
    package init(deadline seconds: Double? = nil) {
        // A duration of more than a century is no deadline, and would overflow.
        deadline = seconds.flatMap { $0 < 3e9 ? ContinuousClock.now.advanced(by: .seconds(max($0, 0))) : nil }
    }

    /// Raises the flag; it stays raised.
    package func cancel() { raised.store(true, ordering: .relaxed) }

    /// True once the work should stop, whichever the reason.
    package var isRaised: Bool { raised.load(ordering: .relaxed) || isPastDeadline }

    /// Why the work should stop; nil while it need not.
    package var reason: MediaError? {
        if raised.load(ordering: .relaxed) { return MediaError(.cancelled, "The work was cancelled.") }
        if isPastDeadline { return MediaError(.timedOut, "The work took longer than its deadline allows.") }
        return nil
    }

    /// Throws the reason once the flag is raised.
    package func check() throws(MediaError) {
        if let reason { throw reason }
    }

    private var isPastDeadline: Bool {
        guard let deadline else { return false }
        return ContinuousClock.now >= deadline
    }
}
