import Foundation
import ObjectStorage
import Testing

/// A promise that every storage keeps. Each runs on a storage that is empty and its own.
struct StorageCheck: Sendable, CustomTestStringConvertible {
    let promise: String
    let run: @Sendable (_ storage: any ObjectStorage) async throws -> Void

    init(_ promise: String, _ run: @escaping @Sendable (_ storage: any ObjectStorage) async throws -> Void) {
        self.promise = promise
        self.run = run
    }

    var testDescription: String { promise }

    static let all = basics + ranges + failures + listings
}

private struct CutOff: Error {}

extension StorageCheck {
    private static let basics: [StorageCheck] = [
        StorageCheck("what was put comes back, with size and hash") { storage in
            let key = try ObjectKey("films/2024/a film.mp4")
            let bytes = patternedBytes(700_001)
            let chunks = ScriptedChunks(chunks: [
                Array(bytes[..<5]), [], Array(bytes[5..<600_000]), Array(bytes[600_000...]),
            ])
            let info = try await storage.put(key, chunks: chunks, expectedSize: 700_001)
            #expect(info.key == key)
            #expect(info.size == 700_001)
            #expect(info.sha256 == ContentHash.sha256(of: bytes))
            let body = try await storage.get(key)
            #expect(body.info.size == 700_001)
            #expect(try await body.collect(upTo: 1 << 20) == bytes)
        },
        StorageCheck("an empty object is an object") { storage in
            let key = try ObjectKey("empty")
            let info = try await storage.put(key, bytes: [])
            #expect(info.size == 0)
            #expect(info.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            #expect(try await storage.get(key).collect(upTo: 0).isEmpty)
            #expect(try await storage.head(key)?.size == 0)
        },
        StorageCheck("a local file is stored as it is") { storage in
            try await withTemporaryFolder { folder in
                let bytes = patternedBytes(2_500_000)
                try Data(bytes).write(to: URL(fileURLWithPath: folder + "/source"))
                let key = try ObjectKey("copy")
                let info = try await storage.put(key, file: folder + "/source")
                #expect(info.sha256 == ContentHash.sha256(of: bytes))
                #expect(try await storage.get(key).collect(upTo: 3_000_000) == bytes)
            }
        },
        StorageCheck("a put replaces what was there, and the etag changes") { storage in
            let key = try ObjectKey("a")
            let first = try await storage.put(key, bytes: [1, 2, 3])
            #expect(try await storage.head(key)?.etag == first.etag)
            let second = try await storage.put(key, bytes: [4, 5, 6])
            #expect(first.etag != second.etag)
            #expect(try await storage.get(key).collect(upTo: 3) == [4, 5, 6])
        },
        StorageCheck("what is being read stays whole while it is replaced and deleted") { storage in
            let key = try ObjectKey("a")
            let old = patternedBytes(900_000, seed: 1)
            _ = try await storage.put(key, bytes: old)
            let body = try await storage.get(key)
            _ = try await storage.put(key, bytes: patternedBytes(900_000, seed: 2))
            try await storage.delete(key)
            #expect(try await body.collect(upTo: 900_000) == old)
        },
        StorageCheck("head of what is not there is nil, and get throws notFound") { storage in
            let key = try ObjectKey("missing/thing")
            #expect(try await storage.head(key) == nil)
            await expectStorageError(.notFound) { try await storage.get(key) }
            await expectStorageError(.notFound) { try await storage.withLocalFile(key) { _ in } }
        },
        StorageCheck("delete removes one object, and succeeds when there is none") { storage in
            let (key, sibling) = (try ObjectKey("a/b/c"), try ObjectKey("a/b/d"))
            _ = try await storage.put(key, bytes: [1])
            _ = try await storage.put(sibling, bytes: [2])
            try await storage.delete(key)
            try await storage.delete(key)
            #expect(try await storage.head(key) == nil)
            #expect(try await storage.head(sibling) != nil)
        },
        StorageCheck("the local file has the object's bytes") { storage in
            let key = try ObjectKey("odd names/ü 🎬 %2e%2e;'\"\\.mp4")
            let bytes = patternedBytes(100_000)
            _ = try await storage.put(key, bytes: bytes)
            let read = try await storage.withLocalFile(key) { path in
                [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            }
            #expect(read == bytes)
        },
        StorageCheck("keys that differ only in the form of their characters are different keys") { storage in
            let (composed, decomposed) = (try ObjectKey("caf\u{e9}"), try ObjectKey("cafe\u{301}"))
            _ = try await storage.put(composed, bytes: [1])
            #expect(try await storage.head(decomposed) == nil)
            _ = try await storage.put(decomposed, bytes: [2])
            #expect(try await storage.get(composed).collect(upTo: 1) == [1])
        },
    ]

    private static let ranges: [StorageCheck] = [
        StorageCheck("ranges are cut at the end and never wrap") { storage in
            let key = try ObjectKey("a")
            let bytes = patternedBytes(600_000)
            _ = try await storage.put(key, bytes: bytes)
            for range: Range<Int64> in [0..<1, 0..<600_000, 599_999..<600_000, 255_000..<530_000, 599_998..<Int64.max] {
                let body = try await storage.get(key, range: range)
                let part = Int(range.lowerBound)..<Int(min(range.upperBound, 600_000))
                #expect(body.range == Int64(part.lowerBound)..<Int64(part.upperBound))
                #expect(body.info.size == 600_000)
                #expect(try await body.collect(upTo: 600_000) == Array(bytes[part]))
            }
        },
        StorageCheck("a range without a byte of the object is refused") { storage in
            let key = try ObjectKey("a")
            _ = try await storage.put(key, bytes: [1, 2, 3])
            for range: Range<Int64> in [3..<4, 0..<0, 2..<2, -1..<2, -5..<0, Int64.max..<Int64.max] {
                await expectStorageError(.invalidRange, "\(range)") { try await storage.get(key, range: range) }
            }
            let empty = try ObjectKey("empty")
            _ = try await storage.put(empty, bytes: [])
            await expectStorageError(.invalidRange) { try await storage.get(empty, range: 0..<1) }
        },
        StorageCheck("collect refuses more than its limit") { storage in
            let key = try ObjectKey("a")
            _ = try await storage.put(key, bytes: [1, 2, 3])
            await expectStorageError(.tooLarge) { try await storage.get(key).collect(upTo: 2) }
        },
    ]

    private static let failures: [StorageCheck] = [
        StorageCheck("a cut upload leaves what was there before") { storage in
            let key = try ObjectKey("a")
            _ = try await storage.put(key, bytes: [1])
            let cut = ScriptedChunks(chunks: [patternedBytes(600_000)]) { throw CutOff() }
            await #expect(throws: CutOff.self) { try await storage.put(key, chunks: cut) }
            #expect(try await storage.get(key).collect(upTo: 1) == [1])
            await #expect(throws: CutOff.self) { try await storage.put(ObjectKey("new"), chunks: cut) }
            #expect(try await storage.list().objects.map(\.key.string) == ["a"])
        },
        StorageCheck("a stream shorter or longer than promised is not stored") { storage in
            let key = try ObjectKey("a")
            let chunks = ScriptedChunks(chunks: [[1, 2], [3]])
            for size: Int64 in [0, 2, 4, 1 << 40] {
                await expectStorageError(.sizeMismatch, "\(size)") {
                    try await storage.put(key, chunks: chunks, expectedSize: size)
                }
            }
            #expect(try await storage.head(key) == nil)
        },
        StorageCheck("a cancelled put stores nothing, also when its stream just ends") { storage in
            let key = try ObjectKey("a")
            let (stream, feed) = AsyncStream.makeStream(of: [UInt8].self)
            let put = Task { try await storage.put(key, chunks: stream) }
            feed.yield(patternedBytes(600_000))
            put.cancel()
            await #expect(throws: CancellationError.self) { try await put.value }
            #expect(try await storage.head(key) == nil)
        },
        StorageCheck("of concurrent puts of one key one wins, whole") { storage in
            let key = try ObjectKey("busy/key")
            let hashes = try await withThrowingTaskGroup(of: String?.self) { group in
                for seed in 1...12 {
                    group.addTask {
                        try await storage.put(key, bytes: patternedBytes(400_000, seed: UInt64(seed))).sha256
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1 ?? "") }
            }
            #expect(hashes.count == 12)
            let final = try await storage.get(key).collect(upTo: 400_000)
            #expect(hashes.contains(ContentHash.sha256(of: final)))
        },
        StorageCheck("puts and deletes of neighbours do not disturb each other") { storage in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        let key = try ObjectKey("shared/folder/\(worker)")
                        for round in 0..<20 {
                            _ = try await storage.put(key, bytes: [UInt8(round)])
                            try await storage.delete(key)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.list().objects.isEmpty)
        },
        StorageCheck("a source that cannot be read is said so, and nothing is stored") { storage in
            let key = try ObjectKey("a")
            await expectStorageError(.unreadableSource) { try await storage.put(key, file: "/nonexistent/file") }
            await expectStorageError(.unreadableSource) { try await storage.put(key, file: "/tmp") }
            #expect(try await storage.head(key) == nil)
        },
    ]

    private static let listings: [StorageCheck] = [
        StorageCheck("a listing is in the order of the keys' bytes, in pages without gaps or repeats") { storage in
            let names = ["a-b", "a/b", "a/c/d", "a0", "b", "b.x/1", "b!/2", "B", "z/ü", "z/z", "ä"]
            for name in names { _ = try await storage.put(ObjectKey(name), bytes: Array(name.utf8)) }
            let expected = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for limit in [1, 2, 3, 10, 11, 12, 1000, 0, -1, Int.max] {
                var listed: [String] = []
                var after: ObjectKey?
                repeat {
                    let page = try await storage.list(prefix: "", after: after, limit: limit)
                    #expect(page.objects.count <= min(max(limit, 1), 1000))
                    listed += page.objects.map(\.key.string)
                    after = page.next
                } while after != nil
                #expect(listed == expected, "limit \(limit)")
            }
            #expect(try await storage.list().objects.first { $0.key.string == "z/ü" }?.size == 4)
        },
        StorageCheck("a prefix is a beginning of bytes, not a folder") { storage in
            for name in ["ab!", "ab/c", "ab/cd/e", "abc", "b"] { _ = try await storage.put(ObjectKey(name), bytes: []) }
            let cases = [
                "ab": ["ab!", "ab/c", "ab/cd/e", "abc"], "ab/": ["ab/c", "ab/cd/e"], "ab/c": ["ab/c", "ab/cd/e"],
                "ab/cd/": ["ab/cd/e"], "ab/cd/e": ["ab/cd/e"], "ab/cd/e/": [], "c": [], "../": [], "/": [], ".": [],
                "": ["ab!", "ab/c", "ab/cd/e", "abc", "b"],
            ]
            for (prefix, expected) in cases {
                let page = try await storage.list(prefix: prefix)
                #expect(page.objects.map(\.key.string) == expected, "prefix '\(prefix)'")
                #expect(page.next == nil)
            }
            let rest = try await storage.list(prefix: "ab", after: ObjectKey("ab/c"))
            #expect(rest.objects.map(\.key.string) == ["ab/cd/e", "abc"])
        },
    ]
}
