internal import MediaEngine
internal import ObjectStorage

/// What a file is, told by its first bytes: its name and what its sender claims count for nothing.
public enum MediaKind: String, Codable, Sendable {
    /// An image of a format that is known: a task for ``ImageVariants``.
    case image
    /// Anything else: ``ProbeMedia`` finds out, and refuses what is neither video nor sound.
    case other

    /// How many bytes are looked at.
    public static let sniffLength = ImageFormat.sniffLength

    /// The kind of a file that begins with these bytes.
    public init(sniffing bytes: some Collection<UInt8>) {
        self = ImageFormat(sniffing: Array(bytes.prefix(Self.sniffLength))) == nil ? .other : .image
    }
}
