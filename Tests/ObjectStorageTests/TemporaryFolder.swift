import Foundation
import ObjectStorage
import Testing

/// Lends a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (_ path: String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// The uploads in a storage's folder that are not complete.
func partialUploads(in root: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root + "/.partial-uploads")
}

/// Expects `body` to throw a storage error with this code.
func expectStorageError(
    _ code: ObjectStorageError.Code,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async {
    let error = await #expect(throws: ObjectStorageError.self, comment, sourceLocation: sourceLocation) {
        _ = try await body()
    }
    #expect(error?.code == code, comment, sourceLocation: sourceLocation)
}

/// Yields `chunks` one by one, and then calls `end`, which may throw, wait or do worse.
struct ScriptedChunks: AsyncSequence, Sendable {
    var chunks: [[UInt8]]
    var end: @Sendable () async throws -> Void = {}

    func makeAsyncIterator() -> Iterator { Iterator(rest: chunks[...], end: end) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<[UInt8]>
        let end: @Sendable () async throws -> Void

        mutating func next() async throws -> [UInt8]? {
            if let chunk = rest.popFirst() { return chunk }
            try await end()
            return nil
        }
    }
}

/// Bytes that repeat only after a prime number of them, so that a chunk in the wrong place shows.
func patternedBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    let block = (0..<8191).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += block.prefix(count - bytes.count) }
    return bytes
}
