#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
import Synchronization
public import TaskCore

/// A clock that stands still until a test moves it: what stores and workers are made with in tests.
///
/// Safe to use from any thread. Times are whole microseconds, as stores keep them.
public final class ManualClock: TaskClock {
    private let time: Mutex<Date>

    /// A clock that stands at this time; 2026-01-01 00:00 UTC unless said otherwise.
    public init(_ start: Date = Date(timeIntervalSince1970: 1_767_225_600)) {
        time = Mutex(start.normalized)
    }

    /// The time it stands at.
    public func now() -> Date { time.withLock { $0 } }

    /// Moves it on, or back with a negative duration, and answers the time it then stands at.
    @discardableResult
    public func advance(by duration: Duration) -> Date {
        time.withLock {
            $0 = $0 + duration
            return $0
        }
    }

    /// Sets it to a time, before or after the one it stood at.
    public func set(_ date: Date) { time.withLock { $0 = date.normalized } }
}
