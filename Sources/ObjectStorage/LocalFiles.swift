#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files of this machine, read where they lie; for tools whose user may read them anyway, never for keys from strangers.
///
/// A key is an absolute path without its leading slash. Nothing can be stored, removed or listed (`readOnly`), so nothing is ever
/// written beside a user's files.
public struct LocalFiles: ObjectStorage {
    private let threads = FileIOThreads.shared

    /// The files of this machine.
    public init() {}

    /// The key of a local file, and the file's real path: links are followed, so that the key names the file itself.
    ///
    /// - Throws: `ObjectStorageError` with code `notFound`, `unreadableSource` (also for folders and devices) or `invalidKey`.
    public func key(ofFile path: String) async throws -> ObjectKey {
        try await threads.run {
            guard let resolved = realpath(path, nil) else {
                if errno == ENOENT || errno == ENOTDIR {
                    throw ObjectStorageError(.notFound, "There is no such file.")
                }
                throw ObjectStorageError(
                    .unreadableSource,
                    "The local file cannot be read: \(String(cString: strerror(errno)))."
                )
            }
            defer { free(resolved) }
            let path = String(cString: resolved)
            let key = try ObjectKey(String(path.dropFirst()))
            _ = try SourceFile(path: path)
            return key
        }
    }

    /// Always throws `readOnly`.
    public func put<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey,
        chunks: Chunks,
        expectedSize: Int64?
    ) async throws -> ObjectInfo where Chunks.Element: Collection<UInt8> { throw Self.readOnly(key) }

    /// Always throws `readOnly`.
    public func put(_ key: ObjectKey, file path: String) async throws -> ObjectInfo { throw Self.readOnly(key) }

    /// Opens a file for reading.
    public func get(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBody {
        let (file, info) = try await open(key)
        let whole = 0..<info.size
        let part = range?.clamped(to: whole) ?? whole
        guard range == nil || !part.isEmpty else {
            throw ObjectStorageError(.invalidRange, "The file has \(info.size) bytes; none is in the range.", key: key)
        }
        return FileChunks.body(of: file, info, part)
    }

    /// Describes a file, without its hash; `nil` when there is none.
    public func head(_ key: ObjectKey) async throws -> ObjectInfo? {
        do {
            return try await open(key).info
        } catch let error as ObjectStorageError where error.code == .notFound {
            return nil
        }
    }

    /// Always throws `readOnly`.
    public func delete(_ key: ObjectKey) async throws { throw Self.readOnly(key) }

    /// Always throws `readOnly`.
    public func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage {
        throw ObjectStorageError(.readOnly, "The machine's files are not listed.")
    }

    /// Lends the file's own path.
    public func withLocalFile<Result: Sendable>(
        _ key: ObjectKey,
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        _ = try await open(key)
        return try await body("/" + key.string)
    }

    private func open(_ key: ObjectKey) async throws -> (file: FileDescriptor, info: ObjectInfo) {
        try await threads.run {
            let notFound = ObjectStorageError(.notFound, "There is no such file.", key: key)
            do {
                let path = "/" + key.string
                // O_NONBLOCK: opening a named pipe must not wait for its other end.
                let raw = try systemCall { Self.openFile(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
                let file = FileDescriptor(raw)
                guard let info = ObjectDirectory.info(key, try file.status()) else { throw notFound }
                return (file, info)
            } catch let error as SystemError {
                if [ENOENT, ENOTDIR].contains(error.number) { throw notFound }
                throw error.storageError("Opening the file", key: key)
            }
        }
    }

    /// The system's `open`, under a name that the method above does not hide.
    private static func openFile(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, flags)
        #elseif canImport(Musl)
            Musl.open(path, flags)
        #else
            Darwin.open(path, flags)
        #endif
    }

    private static func readOnly(_ key: ObjectKey) -> ObjectStorageError {
        ObjectStorageError(.readOnly, "The machine's files are only read here.", key: key)
    }
}
