/// The bytes of an object, or of a range of it, in chunks; what `ObjectStorage.get` returns.
///
/// Read it once. What it holds open (a descriptor, a connection) is freed when the last copy of it and of its iterator is gone.
public struct ObjectBody: AsyncSequence, Sendable {
    /// A chunk of bytes; never empty.
    public typealias Element = [UInt8]
    /// `ObjectStorageError` or `CancellationError`.
    public typealias Failure = any Error

    /// The whole object's description, also when only a range is read.
    public let info: ObjectInfo
    /// The bytes that will come, as offsets into the object.
    public let range: Range<Int64>
    private let makeNext: @Sendable () -> () async throws -> [UInt8]?

    /// Makes a body of chunks; for implementers of storages. The chunks must add up to `range` or end with an error.
    public init<Chunks: AsyncSequence & Sendable>(info: ObjectInfo, range: Range<Int64>, chunks: Chunks)
    where Chunks.Element == [UInt8] {
        self.info = info
        self.range = range
        makeNext = {
            var iterator = chunks.makeAsyncIterator()
            return { try await iterator.next() }
        }
    }

    /// Starts reading; call it once.
    public func makeAsyncIterator() -> Iterator { Iterator(nextChunk: makeNext()) }

    /// Reads chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let nextChunk: () async throws -> [UInt8]?

        /// The next chunk; `nil` at the end.
        public mutating func next() async throws -> [UInt8]? { try await nextChunk() }
    }

    /// All bytes at once. Throws `tooLarge` instead of holding more than `limit` bytes.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        let tooLarge = ObjectStorageError(.tooLarge, "The object is larger than \(limit) bytes.", key: info.key)
        guard range.count <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for try await chunk in self {
            guard bytes.count + chunk.count <= limit else { throw tooLarge }
            bytes += chunk
        }
        return bytes
    }
}
