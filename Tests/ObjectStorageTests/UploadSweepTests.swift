import Foundation
import ObjectStorage
import Testing

struct UploadSweepTests {
    @Test("a process killed in the middle of a put leaves no object, and the next one sweeps what it left")
    func killed() async throws {
        try await withTemporaryFolder { root in
            await #expect(processExitsWith: .signal(SIGKILL)) { [root = root as String] in
                let storage = try await FileObjectStorage(root: root)
                let chunks = ScriptedChunks(chunks: [patternedBytes(600_000)]) { kill(getpid(), SIGKILL) }
                _ = try await storage.put(ObjectKey("films/a"), chunks: chunks)
            }
            #expect(try partialUploads(in: root).count == 1)
            let storage = try await FileObjectStorage(root: root)
            #expect(try partialUploads(in: root).isEmpty)
            #expect(try await storage.list().objects.isEmpty)
            #expect(try await storage.head(ObjectKey("films/a")) == nil)
        }
    }

    @Test("a sweep leaves uploads that are under way alone")
    func underWay() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            let bytes = patternedBytes(600_000)
            let chunks = ScriptedChunks(chunks: [bytes]) {
                #expect(try partialUploads(in: root).count == 1)
                #expect(try await storage.sweepUploads() == 0)
                _ = try await FileObjectStorage(root: root)
            }
            _ = try await storage.put(ObjectKey("a"), chunks: chunks)
            #expect(try await storage.get(ObjectKey("a")).collect(upTo: 600_000) == bytes)
        }
    }

    @Test("a sweep removes what nobody holds, and says how many")
    func orphans() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            for name in ["x", "y"] { try Data([1]).write(to: URL(fileURLWithPath: root + "/.partial-uploads/" + name)) }
            #expect(try await storage.sweepUploads() == 2)
            #expect(try partialUploads(in: root).isEmpty)
        }
    }
}
