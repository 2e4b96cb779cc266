/// Where media lives: bytes under keys, the same calls for a folder of files and for a remote store.
///
/// What an implementer owes, beyond each method's own words:
/// - A put is all or nothing: readers see what was there before, or the whole new object. When it throws, for whatever reason, or
///   its task is cancelled, or its process dies, no part of it is ever visible and what it used up is freed.
/// - Of concurrent puts of one key one wins, whole.
/// - A body that is being read stays what it was when `get` returned, or fails; it never mixes two objects.
/// - No call blocks Swift's cooperative pool. Memory is bounded whatever the object's size.
/// - Failures are `ObjectStorageError`; a stream's own errors and `CancellationError` pass through unchanged.
public protocol ObjectStorage: Sendable {
    /// Stores what the stream yields, replacing what was there.
    ///
    /// - Parameters:
    ///   - key: Where it is stored.
    ///   - chunks: Byte chunks of any size. The source is asked for more only as fast as the storage takes it.
    ///   - expectedSize: The number of bytes promised, where one was. Another number throws `sizeMismatch` and stores nothing.
    /// - Returns: The stored object's description, with `sha256`.
    func put<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey,
        chunks: Chunks,
        expectedSize: Int64?
    ) async throws -> ObjectInfo where Chunks.Element: Collection<UInt8>

    /// Stores a copy of a local file, replacing what was there. Throws `unreadableSource` when it is no readable regular file.
    func put(_ key: ObjectKey, file path: String) async throws -> ObjectInfo

    /// Opens an object, or the part of it in `range`, for reading.
    ///
    /// A range that goes beyond the end is cut there. Throws `notFound`, and `invalidRange` when no byte is in the range.
    func get(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBody

    /// Describes an object; `nil` when there is none.
    func head(_ key: ObjectKey) async throws -> ObjectInfo?

    /// Removes an object. Removing what is not there succeeds.
    func delete(_ key: ObjectKey) async throws

    /// Lists objects whose key begins with the bytes of `prefix`, by the order of their bytes.
    ///
    /// - Parameters:
    ///   - prefix: Any beginning of a key, also within a part; empty for all.
    ///   - after: Where the page before ended (`ObjectPage.next`), or any key: only greater ones are listed.
    ///   - limit: The most objects in the page, 1…1000; others are brought into that range.
    func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage

    /// Lends a path at which the object can be read until `body` returns; the body must not write there.
    ///
    /// With file storages it is the stored file itself, no copy. Throws `notFound`, and what `body` throws.
    func withLocalFile<Result: Sendable>(
        _ key: ObjectKey,
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result
}

extension ObjectStorage {
    /// Stores what the stream yields, of whatever size.
    public func put<Chunks: AsyncSequence & Sendable>(_ key: ObjectKey, chunks: Chunks) async throws -> ObjectInfo
    where Chunks.Element: Collection<UInt8> {
        try await put(key, chunks: chunks, expectedSize: nil)
    }

    /// Stores bytes that are in memory already.
    public func put(_ key: ObjectKey, bytes: [UInt8]) async throws -> ObjectInfo {
        let chunks = AsyncStream<[UInt8]> { continuation in
            continuation.yield(bytes)
            continuation.finish()
        }
        return try await put(key, chunks: chunks, expectedSize: Int64(bytes.count))
    }

    /// Opens a whole object for reading.
    public func get(_ key: ObjectKey) async throws -> ObjectBody { try await get(key, range: nil) }

    /// Lists the first objects whose key begins with `prefix`.
    public func list(prefix: String = "", after: ObjectKey? = nil) async throws -> ObjectPage {
        try await list(prefix: prefix, after: after, limit: 1000)
    }
}
