import Synchronization

/// Lets a sweep that had to wait pass over its turn, once in a row.
///
/// Who waited for another program's lock may have waited longer than a lease, and so did the live workers whose beats wait behind it: they are
/// heard first, and the next sweep judges. It does so even when it had to wait too, so that a busy store is swept in the end.
final class SweepLeniency: Sendable {
    /// How long a sweep may have waited for its turn and still judge by leases.
    static let patience = Duration.seconds(1)

    private let hasPassed = Atomic(false)

    func mayPass(over hadToWait: Bool) -> Bool {
        !hasPassed.exchange(hadToWait, ordering: .relaxed) && hadToWait
    }
}
