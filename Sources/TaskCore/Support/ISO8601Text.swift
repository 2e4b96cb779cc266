#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Dates as ISO 8601 in UTC, `2026-11-21T05:30:00Z`, with a fraction of six digits where there is one: `JSONEncoder`'s own strategy
/// cuts the fraction off.
enum ISO8601Text {
    static func text(of date: Date) -> String {
        let microseconds = date.normalized.microseconds
        let fraction = ((microseconds % 1_000_000) + 1_000_000) % 1_000_000
        let text = Date(microseconds: microseconds - fraction).formatted(.iso8601)
        guard fraction > 0 else { return text }
        let digits = String(fraction)
        return text.dropLast() + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }

    /// Nil for anything else; a fraction may have up to nine digits.
    static func date(from text: String) -> Date? {
        guard let dot = text.firstIndex(of: ".") else { return try? Date.ISO8601FormatStyle().parse(text) }
        let fraction = text[text.index(after: dot)...].prefix(while: \.isNumber)
        var whole = text
        whole.removeSubrange(dot..<fraction.endIndex)
        guard (1...9).contains(fraction.count), let part = Double("0." + fraction),
            let date = try? Date.ISO8601FormatStyle().parse(whole)
        else { return nil }
        return date.addingTimeInterval(part).normalized
    }
}
