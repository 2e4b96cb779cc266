#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
import Synchronization

/// The identity of a task: a UUID of version 7 (RFC 9562), so that ids sort by the time they were made.
///
/// The client makes it, so an enqueue repeated after a lost reply is recognised and harmless. Ids made by one process
/// only grow. An id is not a secret: never let knowing one stand for permission.
public struct TaskID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian: 48 bits of Unix milliseconds, the version, 12 bits that grow.
    public let high: UInt64
    /// The last eight bytes, big-endian: the variant and 62 bits that grow within a millisecond.
    public let low: UInt64

    /// Makes a new id, larger than every id this process made before.
    public init() {
        self = Self.generator.withLock { $0.next(milliseconds: Self.unixMilliseconds()) }
    }

    /// The id with these sixteen bytes, of whatever UUID version.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The id that a UUID holds, of whatever version.
    public init(_ uuid: UUID) {
        let b = uuid.uuid
        high = Self.join(b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7)
        low = Self.join(b.8, b.9, b.10, b.11, b.12, b.13, b.14, b.15)
    }

    /// The same sixteen bytes as a UUID.
    public var uuid: UUID {
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3),
                byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
                byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            )
        )
    }

    /// Orders ids byte by byte: for ids of version 7, by the time they were made.
    public static func < (lhs: TaskID, rhs: TaskID) -> Bool {
        lhs.high != rhs.high ? lhs.high < rhs.high : lhs.low < rhs.low
    }

    /// Hashes both words at once; ids of one process differ in every bit of the last.
    public func hash(into hasher: inout Hasher) { hasher.combine(low ^ (high &* 0x9E37_79B9_7F4A_7C15)) }

    private static func join(
        _ a: UInt8,
        _ b: UInt8,
        _ c: UInt8,
        _ d: UInt8,
        _ e: UInt8,
        _ f: UInt8,
        _ g: UInt8,
        _ h: UInt8
    ) -> UInt64 {
        [a, b, c, d, e, f, g, h].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func unixMilliseconds() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }
    private static let generator = Mutex(Generator())

    /// RFC 9562 section 6.2, method 2: within a millisecond the random part grows by a random step.
    private struct Generator {
        private var milliseconds: UInt64 = 0
        private var tail: UInt64 = 0
        private var steps = SplitMix64(seed: .random(in: .min ... .max))

        mutating func next(milliseconds now: UInt64) -> TaskID {
            if now > milliseconds {
                milliseconds = now
                tail = UInt64.random(in: .min ... .max) & Self.tailMask
            } else {
                tail += (steps.next() >> 32) + 1
                if tail > Self.tailMask {
                    milliseconds += 1
                    tail &= Self.tailMask
                }
            }
            return TaskID(
                high: milliseconds << 16 | 0x7000 | (tail >> 50) & 0xFFF,
                low: 0x8000_0000_0000_0000 | tail & Self.lowMask
            )
        }

        private static let tailMask: UInt64 = (1 << 61) - 1
        private static let lowMask: UInt64 = (1 << 50) - 1
    }
}

extension TaskID: LosslessStringConvertible, Codable {
    /// The id written as a UUID, in either case of letters; nil for anything else.
    public init?(_ description: String) {
        guard let uuid = UUID(uuidString: description) else { return nil }
        self.init(uuid)
    }

    /// The canonical lowercase form, `01890a5d-ac96-774b-bcce-b302099a8057`.
    public var description: String { uuid.uuidString.lowercased() }

    /// Decodes the canonical form; throws `DecodingError.dataCorrupted` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = TaskID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a UUID")
        }
        self = id
    }

    /// Encodes the canonical form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
