/// The input or output of a task type that has none. Written as JSON `null`.
public struct NoValue: Codable, Hashable, Sendable {
    /// The one value there is.
    public init() {}

    /// Accepts any document.
    public init(from decoder: any Decoder) throws {}

    /// Encodes `null`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
