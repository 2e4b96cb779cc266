/// The name of one running worker, unique in the store: a process that starts again is another worker.
public struct WorkerID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The name.
    public let rawValue: String
    /// The worker of that name; at most 200 bytes.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A new name: the given prefix and a random suffix of 64 bits.
    public static func make(prefix: String = "w") -> WorkerID {
        WorkerID(rawValue: "\(prefix)-\(String(UInt64.random(in: .min ... .max), radix: 36))")
    }
    /// The name.
    public var description: String { rawValue }
}
