/// Small facts about a task that people and programs read, filter by and show: a JSON object.
public struct TaskMetadata: Hashable, Sendable {
    /// The members.
    public private(set) var values: [String: JSONValue]

    /// Metadata with these members.
    public init(_ values: [String: JSONValue] = [:]) { self.values = values }

    /// The member of that key, or nil.
    public subscript(key: String) -> JSONValue? {
        get { values[key] }
        set { values[key] = newValue }
    }

    /// The member of that key decoded as the default's type; the default when it is missing or of another type.
    public func get<Value: Codable>(_ key: String, default fallback: Value) -> Value {
        guard let value = values[key] else { return fallback }
        return (try? JSONText(encoding: value).decode(Value.self)) ?? fallback
    }

    /// Sets every member of `other`; members that it does not name stay as they are.
    public mutating func merge(_ other: TaskMetadata) {
        values.merge(other.values) { _, new in new }
    }

    /// Whether there is no member.
    public var isEmpty: Bool { values.isEmpty }
}

extension TaskMetadata: ExpressibleByDictionaryLiteral {
    /// A dictionary literal; of a repeated key the last value stands.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        values = elements.isEmpty ? [:] : Dictionary(elements) { _, last in last }
    }
}

extension TaskMetadata: Codable {
    /// Decodes a JSON object.
    public init(from decoder: any Decoder) throws {
        values = try [String: JSONValue](from: decoder)
    }

    /// Encodes a JSON object.
    public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}
