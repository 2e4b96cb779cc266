/// How far an attempt has come.
///
/// Whatever a handler reports, what is kept is in range: `processed` is finite, not negative, at most `total` where there is
/// one, and never goes back within an attempt (``advanced(to:)``).
public struct TaskProgress: Hashable, Sendable, Codable {
    /// Units processed so far, 0 or more, in whatever unit `total` is in.
    public var processed: Double
    /// Units in all, more than 0, or nil while unknown.
    public var total: Double?
    /// What is being done right now, for people; at most 500 characters are kept.
    public var message: String?

    /// Progress with its values brought into range.
    public init(processed: Double = 0, total: Double? = nil, message: String? = nil) {
        let total = total.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
        let processed = processed.isNaN ? 0 : max(0, min(processed, total ?? .greatestFiniteMagnitude))
        self.processed = processed
        self.total = total
        self.message = message.map { TextLimit.message.cut($0) }
    }

    /// Nothing done yet, total unknown: what every attempt starts with.
    public static let none = TaskProgress()

    /// The part done, 0…1; 0 while the total is unknown.
    public var fraction: Double { total.map { processed / $0 } ?? 0 }

    /// The part done in percent, 0…100.
    public var percent: Double { fraction * 100 }

    /// The next value of a sequence that never goes back: `next`, with `processed` raised to this one's where it fell behind.
    ///
    /// A changed total starts a new scale: then the fraction must not go back. A total once known is not forgotten.
    public func advanced(to next: TaskProgress) -> TaskProgress {
        var result = next
        if next.total == nil, let total {
            return TaskProgress(processed: max(processed, next.processed), total: total, message: next.message)
        }
        if next.total == total {
            result.processed = max(processed, next.processed)
        } else if let total = next.total {
            result.processed = max(next.processed, fraction * total)
        }
        return result
    }
}
