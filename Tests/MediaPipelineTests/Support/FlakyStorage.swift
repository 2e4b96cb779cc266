import ObjectStorage
import Synchronization

/// A storage some of whose puts fail as if it were away.
final class FlakyStorage: ObjectStorage {
    let storage: FileObjectStorage
    private let plan: Mutex<[Bool]>

    /// The first `after` puts work, the next `failures` fail, all others work.
    init(_ storage: FileObjectStorage, failures: Int, after: Int = 0) {
        self.storage = storage
        plan = Mutex(Array(repeating: true, count: after) + Array(repeating: false, count: failures))
    }

    private func check(_ key: ObjectKey) throws {
        let works = plan.withLock { $0.isEmpty ? true : $0.removeFirst() }
        if !works { throw ObjectStorageError(.unavailable, "The storage is away.", key: key) }
    }

    func put<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey,
        chunks: Chunks,
        expectedSize: Int64?
    ) async throws -> ObjectInfo where Chunks.Element: Collection<UInt8> {
        try check(key)
        return try await storage.put(key, chunks: chunks, expectedSize: expectedSize)
    }

    func put(_ key: ObjectKey, file path: String) async throws -> ObjectInfo {
        try check(key)
        return try await storage.put(key, file: path)
    }

    func get(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectBody {
        try await storage.get(key, range: range)
    }

    func head(_ key: ObjectKey) async throws -> ObjectInfo? { try await storage.head(key) }
    func delete(_ key: ObjectKey) async throws { try await storage.delete(key) }

    func list(prefix: String, after: ObjectKey?, limit: Int) async throws -> ObjectPage {
        try await storage.list(prefix: prefix, after: after, limit: limit)
    }

    func withLocalFile<Result: Sendable>(
        _ key: ObjectKey,
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result { try await storage.withLocalFile(key, body) }
}
