#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension TaskRecord {
    /// Whether it is done, failed or cancelled.
    public var isFinished: Bool { status.isFinished }
    /// Whether it is queued or running.
    public var isActive: Bool { status.isActive }
    /// Progress in percent, 0…100; 100 once done.
    public var percent: Double { status == .done ? 100 : progress.percent }

    /// How long its last attempt ran, once it is over; nil before, and for a task cancelled before it ran.
    public var duration: Duration? {
        guard isFinished, let startedAt, let finishedAt else { return nil }
        return .seconds(max(0, finishedAt.timeIntervalSince(startedAt)))
    }

    /// How long until the running attempt ends, if it goes on as fast as it did so far; nil while that cannot be told.
    public func estimatedTimeLeft(at now: Date) -> Duration? {
        guard status == .running, let startedAt, progress.fraction > 0 else { return nil }
        let elapsed = max(0, now.timeIntervalSince(startedAt))
        return .seconds(elapsed / progress.fraction * (1 - progress.fraction))
    }
}
