/// Objects as files in a folder, one file per object, named by its key.
///
/// Any number of processes may use one folder. Puts go to a temporary file in the folder, which is synced and renamed; what a
/// process left behind when it died is removed when the next one opens the folder. `a` and `a/b` cannot both be objects
/// (`keyConflict`), and keys may not begin with `.partial-uploads/`. The folder must be one file system, and nobody who is not
/// trusted may write to it.
public struct FileObjectStorage: ObjectStorage {
    private static let chunkSize = 256 << 10
    private let directory: ObjectDirectory
    private let threads = FileIOThreads.shared

    /// Opens the folder, makes it where it is missing, and removes uploads that dead processes left behind.
    ///
    /// - Parameter path: The folder; a relative path is resolved now, not at each call.
    public init(root path: String) async throws {
        directory = try await threads.run {
            let directory = try ObjectDirectory(path: path)
            _ = try PartialUpload.sweep(directory.uploads)
            return directory
        }
    }

    /// Removes uploads that dead processes left behind, and returns how many; uploads under way are not touched.
    ///
    /// Opening the storage does it too; a service that runs for months beside others that die may call it now and then.
    @discardableResult
    public func sweepUploads() async throws -> Int {
        let directory = directory
        return try await threads.run { try PartialUpload.sweep(directory.uploads) }
    }

    /// Stores what the stream yields, by way of a temporary file that is synced and renamed.
    public func put<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey,
        chunks: Chunks,
        expectedSize: Int64?
    ) async throws -> ObjectInfo where Chunks.Element: Collection<UInt8> {
        try await upload(key) { upload in
            var size: Int64 = 0
            var buffer: [UInt8] = []
            for try await chunk in chunks {
                try Task.checkCancellation()
                buffer += chunk
                size += Int64(chunk.count)
                if let expectedSize, size > expectedSize { break }
                if buffer.count >= Self.chunkSize {
                    let full = buffer
                    buffer = []
                    try await threads.run { try upload.append(full) }
                }
            }
            if let expectedSize, size != expectedSize {
                let relation = size < expectedSize ? "ended after \(size)" : "is longer than the"
                throw ObjectStorageError(
                    .sizeMismatch,
                    "The stream \(relation) of \(expectedSize) bytes promised.",
                    key: key
                )
            }
            let rest = buffer
            try await threads.run { try upload.append(rest) }
        }
    }

    /// Stores a copy of a local file, which may lie in another file system.
    public func put(_ key: ObjectKey, file path: String) async throws -> ObjectInfo {
        try await upload(key) { upload in
            let source = try await threads.run { try SourceFile(path: path) }
            var offset: Int64 = 0
            while true {
                try Task.checkCancellation()
                let position = offset
                let count = try await threads.run {
                    let chunk = try source.read(at: position)
                    try upload.append(chunk)
                    return chunk.count
                }
                if count == 0 { return }
                offset += Int64(count)
            }
        }
    }

    /// Opens an object for reading; its file stays open until the body is gone.
    public func get(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBody {
        let (file, info) = try await open(key)
        let whole = 0..<info.size
        guard let range else { return FileChunks.body(of: file, info, whole) }
        let part = range.clamped(to: whole)
        guard !part.isEmpty, range.lowerBound >= 0 else {
            let message = "No byte of the object is in the range; it has \(info.size) bytes."
            throw ObjectStorageError(.invalidRange, message, key: key)
        }
        return FileChunks.body(of: file, info, part)
    }

    /// Describes an object, without its hash; `nil` when there is none.
    public func head(_ key: ObjectKey) async throws -> ObjectInfo? {
        try directory.validate(key)
        let directory = directory
        return try await threads.run { try directory.openObject(key)?.info }
    }

    /// Removes an object, and folders that became empty.
    public func delete(_ key: ObjectKey) async throws {
        try directory.validate(key)
        let directory = directory
        try await threads.run { try directory.removeObject(key) }
    }

    /// Lists objects. A page costs the entries of the folders it touches; each such folder is read into memory.
    public func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage {
        let directory = directory
        return try await threads.run {
            var listing = ObjectListing(prefix: prefix, after: after, limit: min(max(limit, 1), 1000))
            return try listing.run(in: directory)
        }
    }

    /// Lends the path of the stored file itself. Who puts or deletes the object meanwhile does not change an open file.
    public func withLocalFile<Result: Sendable>(
        _ key: ObjectKey,
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        _ = try await open(key)
        return try await body(directory.path + "/" + key.string)
    }

    private func open(_ key: ObjectKey) async throws -> (file: FileDescriptor, info: ObjectInfo) {
        try directory.validate(key)
        let directory = directory
        guard let opened = try await threads.run({ try directory.openObject(key) }) else {
            throw ObjectStorageError(.notFound, "There is no object with this key.", key: key)
        }
        return opened
    }

    /// Stores what `write` appends, or nothing when it throws or the task is cancelled.
    private func upload(_ key: ObjectKey, write: (PartialUpload) async throws -> Void) async throws -> ObjectInfo {
        try directory.validate(key)
        let directory = directory
        let upload = try await threads.run { try PartialUpload(in: directory) }
        do {
            try await write(upload)
            // A cancelled AsyncStream just ends: without this, a part would be stored as if it were the whole.
            try Task.checkCancellation()
            return try await threads.run { try upload.commit(as: key) }
        } catch {
            await threads.run { upload.discard() }
            throw error
        }
    }
}

/// The bytes of an open file, chunk by chunk.
private struct FileChunks: AsyncSequence, Sendable {
    let file: FileDescriptor
    let key: ObjectKey
    let range: Range<Int64>

    static func body(of file: FileDescriptor, _ info: ObjectInfo, _ range: Range<Int64>) -> ObjectBody {
        ObjectBody(info: info, range: range, chunks: FileChunks(file: file, key: info.key, range: range))
    }

    func makeAsyncIterator() -> Iterator { Iterator(chunks: self, offset: range.lowerBound) }

    struct Iterator: AsyncIteratorProtocol {
        private static let chunkSize: Int64 = 256 << 10
        let chunks: FileChunks
        var offset: Int64

        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            let count = Swift.min(chunks.range.upperBound - offset, Self.chunkSize)
            guard count > 0 else { return nil }
            let (file, key, position) = (chunks.file, chunks.key, offset)
            let bytes = try await FileIOThreads.shared.run {
                do {
                    return try file.read(at: position, count: Int(count))
                } catch let error as SystemError {
                    throw error.storageError("Reading the object", key: key)
                }
            }
            guard bytes.count == Int(count) else {
                throw ObjectStorageError(.unavailable, "The object became shorter while it was read.", key: key)
            }
            offset += count
            return bytes
        }
    }
}
