extension Decoder {
    /// Throws when the object has a member that is not among `known`: a misspelt one would be left out without a word.
    func refuseKeys(except known: [String]) throws {
        let container = try container(keyedBy: AnyKey.self)
        guard let key = container.allKeys.first(where: { !known.contains($0.stringValue) }) else { return }
        let message = "'\(key.stringValue)' is not known here; known are \(known.joined(separator: ", "))."
        throw DecodingError.dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: message))
    }
}

extension KeyedDecodingContainer {
    /// Throws when there is a text that `read` makes nothing of.
    func check<Value>(_ text: String?, at key: Key, _ read: (String) -> Value?) throws {
        guard let text, read(text) == nil else { return }
        let message = "'\(text)' is not understood; see Docs/media.md for what can be written here."
        throw DecodingError.dataCorrupted(.init(codingPath: codingPath + [key], debugDescription: message))
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
