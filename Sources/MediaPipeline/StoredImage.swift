public import MediaEngine
public import ObjectStorage

/// An image that a task stored.
public struct StoredImage: Codable, Sendable, Equatable {
    /// The variant's name.
    public var variant: String
    /// Where it is in the environment's outputs.
    public var key: ObjectKey
    /// The file's format.
    public var format: ImageVariant.Format
    /// Pixels across.
    public var width: Int
    /// Pixels down; of one frame.
    public var height: Int
    /// Frames; 1 for a still image.
    public var frames: Int
    /// Bytes of the file.
    public var byteCount: Int
    /// The SHA-256 of its bytes, lowercase hex.
    public var sha256: String
}
