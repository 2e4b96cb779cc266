public import ObjectStorage

/// The file that a media task reads: where it is, and which bytes it must hold.
public struct MediaSource: Codable, Sendable, Hashable {
    /// The object in the environment's sources.
    public var key: ObjectKey
    /// The SHA-256 of its bytes, 64 lowercase hex digits. A task whose source holds others fails for good.
    public var sha256: String

    /// A source whose hash is known: `ObjectStorage.put` answers with it.
    public init(key: ObjectKey, sha256: String) {
        self.key = key
        self.sha256 = sha256
    }

    /// Hashes an object, which reads all of it.
    ///
    /// - Throws: `ObjectStorageError`, `CancellationError`.
    public init(hashing key: ObjectKey, in storage: any ObjectStorage) async throws {
        let hash = try await storage.withLocalFile(key) { try await ContentHash.sha256(ofFile: $0) }
        self.init(key: key, sha256: hash)
    }
}
