#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Where a store in this process takes its time from. ``SystemTaskClock`` in programs, `ManualClock` of TaskTesting in tests.
public protocol TaskClock: Sendable {
    /// The wall clock, for every timestamp that is kept.
    func now() -> Date
}

/// The machine's wall clock.
public struct SystemTaskClock: TaskClock {
    /// The machine's wall clock.
    public init() {}
    /// The wall clock now.
    public func now() -> Date { Date() }
}
