#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON document as text: what a task's input and result are to a store, which keeps it and never looks inside.
///
/// Made from a value it has sorted keys, so equal values give equal text.
public struct JSONText: Hashable, Sendable {
    /// The document, UTF-8.
    public let text: String

    /// The document `null`, the result of a task whose output is `NoValue`.
    public static let null = JSONText(trusted: "null")
    /// The document `{}`.
    public static let emptyObject = JSONText(trusted: "{}")

    /// Encodes a value, keys sorted, dates as ISO 8601 to the microsecond, slashes unescaped.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when the value cannot be written as JSON (a NaN, say), is a ``JSONValue`` nested
    ///   deeper than 128 levels, or holds the character U+0000, which PostgreSQL cannot store.
    public init(encoding value: some Encodable) throws {
        if type(of: value) == NoValue.self {
            self = .null
            return
        }
        if type(of: value) == JSONValue.self, let value = value as? JSONValue, value.isDeeper(than: JSONValue.maxDepth)
        {
            throw TaskError(
                .invalidInput,
                "The JSON is nested deeper than \(JSONValue.maxDepth) levels; make it flatter, or pass it as a string."
            )
        }
        let data: Data
        do {
            data = try Self.encoder.encode(value)
        } catch {
            throw TaskError(.invalidInput, "\(type(of: value)) cannot be written as JSON: \(error.readable)")
        }
        self.init(trusted: String(decoding: data, as: UTF8.self))
        try checkForNUL()
    }

    /// Takes a document as it came from outside, and writes it anew with sorted keys.
    ///
    /// Numbers become 64-bit integers where they are whole and fit, and double precision otherwise.
    /// - Throws: `TaskError` with code `invalidInput` when it is not JSON, is nested deeper than 128 levels, or holds
    ///   the character U+0000.
    public init(validating text: String) throws {
        let value: JSONValue
        do {
            value = try Self.decoder.decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw TaskError(.invalidInput, "the text is not JSON that can be kept: \(error.readable)")
        }
        try self.init(encoding: value)
    }

    /// Takes text that is known to be JSON: what a store reads back. Nothing is checked.
    public init(trusted text: String) { self.text = text }

    /// Decodes the document.
    ///
    /// - Throws: `DecodingError`.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        if Value.self == NoValue.self, let none = NoValue() as? Value { return none }
        return try Self.decoder.decode(Value.self, from: Data(text.utf8))
    }

    /// The size in bytes of UTF-8.
    public var byteCount: Int { text.utf8.count }

    private func checkForNUL() throws {
        guard text.utf8.contains(UInt8(ascii: "\\")), text.contains("\\u0000") else { return }
        // `\\u0000` (an escaped backslash before u0000) is harmless text; look at what it decodes to.
        guard let value = try? decode(JSONValue.self), !value.containsNUL else {
            throw TaskError(.invalidInput, "the JSON holds the character U+0000, which cannot be kept; remove it")
        }
    }

    /// Made once: that takes as long as a small document.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(ISO8601Text.text(of: date))
        }
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = ISO8601Text.date(from: text) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "'\(text)' is no date as ISO 8601 writes it"
                )
            }
            return date
        }
        return decoder
    }()
}

extension JSONText: CustomStringConvertible {
    /// The document itself.
    public var description: String { text }
}

extension JSONText: Codable {
    /// Decodes the document as JSON within JSON, not as a string.
    public init(from decoder: any Decoder) throws {
        self = try JSONText(encoding: JSONValue(from: decoder))
    }

    /// Encodes the document as JSON within JSON, not as a string.
    public func encode(to encoder: any Encoder) throws {
        try decode(JSONValue.self).encode(to: encoder)
    }
}
