/// The name of an object: 1…1024 bytes of UTF-8, parts divided by `/`.
///
/// A key is a name, not a path to be resolved: its bytes are never decoded, normalised or expanded, so `%2e%2e` and `~` are
/// just characters, and two keys are equal only when their bytes are (Swift's `String` holds `é` and `e´` for equal, a file
/// system does not). What any storage could misread is refused: empty parts (so no leading, trailing or double `/`), `.` and
/// `..`, control characters, parts over 255 bytes, more than 64 parts.
public struct ObjectKey: Sendable {
    /// The most bytes a key may have.
    public static let maximumLength = 1024
    /// The most bytes one part between slashes may have: what file systems allow a name.
    public static let maximumPartLength = 255
    /// The most parts a key may have.
    public static let maximumDepth = 64

    /// The key as given.
    public let string: String

    /// Throws `ObjectStorageError` with code `invalidKey` that says which rule is broken.
    public init(_ string: String) throws(ObjectStorageError) {
        if let flaw = Self.flaw(in: string) { throw ObjectStorageError(.invalidKey, flaw) }
        self.string = string
    }

    /// The parts between slashes; never empty.
    var parts: [Substring] { string.split(separator: "/", omittingEmptySubsequences: false) }

    private static func flaw(in string: String) -> String? {
        let bytes = string.utf8
        if bytes.isEmpty { return "The key is empty." }
        if bytes.count > maximumLength { return "The key is longer than \(maximumLength) bytes." }
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return "The key has a control character in it." }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count > maximumDepth { return "The key has more than \(maximumDepth) parts." }
        for part in parts {
            if part.isEmpty {
                return "The key has an empty part: it may not begin or end with '/', nor have '//' in it."
            }
            if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
                return "The key has a part '.' or '..' in it."
            }
            if part.count > maximumPartLength { return "The key has a part longer than \(maximumPartLength) bytes." }
        }
        return nil
    }
}

extension ObjectKey: Hashable, Comparable {
    /// Compares bytes.
    public static func == (left: ObjectKey, right: ObjectKey) -> Bool {
        left.string.utf8.elementsEqual(right.string.utf8)
    }

    /// Orders by bytes, as listings do.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    /// Hashes bytes.
    public func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }
}

extension ObjectKey: CustomStringConvertible {
    /// The key as given.
    public var description: String { string }
}

extension ObjectKey: Codable {
    /// Reads a string, and validates it like any key.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }
}
