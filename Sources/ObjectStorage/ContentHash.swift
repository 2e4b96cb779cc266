import Crypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SHA-256 of bytes, streams and files, as 64 lowercase hex digits: what keys and idempotency are derived from.
public enum ContentHash {
    /// The hash of bytes in memory. Runs on the caller's thread: some 500 MB/s.
    public static func sha256(of bytes: some Collection<UInt8>) -> String {
        var hasher = SHA256()
        hasher.append(bytes)
        return hasher.hex
    }

    /// The hash of a stream; throws what the stream throws, and `CancellationError`.
    public static func sha256<Chunks: AsyncSequence>(of chunks: Chunks) async throws -> String
    where Chunks.Element: Collection<UInt8> {
        var hasher = SHA256()
        for try await chunk in chunks { hasher.append(chunk) }
        // A cancelled AsyncStream just ends: without this the hash of a part would pass for the whole's.
        try Task.checkCancellation()
        return hasher.hex
    }

    /// The hash of a local file, read on threads of its own. Throws `unreadableSource` and `CancellationError`.
    public static func sha256(ofFile path: String) async throws -> String {
        let threads = FileIOThreads.shared
        let source = try await threads.run { try SourceFile(path: path) }
        var hasher = SHA256()
        var offset: Int64 = 0
        while true {
            try Task.checkCancellation()
            let (position, before) = (offset, hasher)
            let (count, after) = try await threads.run {
                let chunk = try source.read(at: position)
                var hasher = before
                hasher.append(chunk)
                return (chunk.count, hasher)
            }
            if count == 0 { return hasher.hex }
            hasher = after
            offset += Int64(count)
        }
    }
}

/// A local file that is read chunk by chunk.
struct SourceFile: Sendable {
    private static let chunkSize = 1 << 20
    private let descriptor: FileDescriptor

    init(path: String) throws {
        do {
            // O_NONBLOCK: opening a named pipe must not wait for its other end.
            let descriptor = FileDescriptor(try systemCall { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) })
            guard try descriptor.status().st_mode & S_IFMT == S_IFREG else {
                throw ObjectStorageError(.unreadableSource, "The local file is not a regular file.")
            }
            self.descriptor = descriptor
        } catch let error as SystemError {
            throw Self.unreadable(error)
        }
    }

    /// The chunk at `offset`; empty at the end.
    func read(at offset: Int64) throws -> [UInt8] {
        do {
            return try descriptor.read(at: offset, count: Self.chunkSize)
        } catch {
            throw Self.unreadable(error)
        }
    }

    private static func unreadable(_ error: SystemError) -> ObjectStorageError {
        let reason = String(cString: strerror(error.number))
        return ObjectStorageError(.unreadableSource, "The local file cannot be read: \(reason).")
    }
}

extension SHA256 {
    mutating func append(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            update(data: Array(bytes))
        }
    }

    var hex: String {
        var text = ""
        text.reserveCapacity(64)
        for byte in finalize() {
            text.append(byte < 16 ? "0" : "")
            text.append(String(byte, radix: 16))
        }
        return text
    }
}
