#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Every store keeps time as integer microseconds since 1970; a `Date` in a record is always a whole number of them, so that
/// what is written and what is read compare equal on every store.
extension Date {
    /// Microseconds since 1970, rounded; the nearest there is for dates beyond 290 000 years, 0 for one that is no number.
    package var microseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1_000_000).rounded()
        if let whole = Int64(exactly: exact) { return whole }
        return exact.isNaN ? 0 : exact < 0 ? .min : .max
    }

    /// The date that many microseconds after 1970.
    package init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

    /// The date rounded to a whole microsecond and brought into the range that every store can keep (years 1…9999).
    package var normalized: Date {
        Date(
            microseconds: Date(timeIntervalSince1970: max(-62_135_596_800, min(timeIntervalSince1970, 253_402_300_799)))
                .microseconds
        )
    }

    package static func + (date: Date, duration: Duration) -> Date {
        date.addingTimeInterval(duration.inSeconds).normalized
    }
    package static func - (date: Date, duration: Duration) -> Date {
        date.addingTimeInterval(-duration.inSeconds).normalized
    }
}
