import Foundation
import ObjectStorage
import Testing

struct FileObjectStorageTests {
    @Test("keeps what every storage promises", arguments: StorageCheck.all)
    func conformance(_ check: StorageCheck) async throws {
        try await withTemporaryFolder { root in
            try await check.run(FileObjectStorage(root: root))
            #expect(try partialUploads(in: root).isEmpty)
        }
    }

    @Test("an object is a file named by its key, and the local file is that file")
    func layout() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root + "/made/on/demand")
            _ = try await storage.put(ObjectKey("a/b.txt"), bytes: [7])
            let file = root + "/made/on/demand/a/b.txt"
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([7]))
            let lent = try await storage.withLocalFile(ObjectKey("a/b.txt")) { $0 }
            #expect(try inode(lent) == inode(file))
        }
    }

    @Test("an object is never above another, and the error says so")
    func conflict() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            _ = try await storage.put(ObjectKey("a"), bytes: [1])
            await expectStorageError(.keyConflict) { try await storage.put(ObjectKey("a/b"), bytes: [2]) }
            _ = try await storage.put(ObjectKey("c/d"), bytes: [3])
            await expectStorageError(.keyConflict) { try await storage.put(ObjectKey("c"), bytes: [4]) }
            #expect(try await storage.head(ObjectKey("a/b")) == nil)
            #expect(try await storage.head(ObjectKey("c")) == nil)
            #expect(try partialUploads(in: root).isEmpty)
        }
    }

    @Test("symbolic links lead nowhere: not to read, write, list or delete")
    func links() async throws {
        try await withTemporaryFolder { folder in
            let (root, outside) = (folder + "/root", folder + "/outside")
            let storage = try await FileObjectStorage(root: root)
            let files = FileManager.default
            try files.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try Data("secret".utf8).write(to: URL(fileURLWithPath: outside + "/file"))
            try files.createSymbolicLink(atPath: root + "/folder", withDestinationPath: outside)
            try files.createSymbolicLink(atPath: root + "/link", withDestinationPath: outside + "/file")
            for name in ["folder/file", "link"] {
                let key = try ObjectKey(name)
                #expect(try await storage.head(key) == nil)
                await expectStorageError(.notFound) { try await storage.get(key) }
                await expectStorageError(.notFound) { try await storage.withLocalFile(key) { _ in } }
                try await storage.delete(key)
            }
            await expectStorageError(.keyConflict) { try await storage.put(ObjectKey("folder/new"), bytes: [1]) }
            #expect(try await storage.list().objects.isEmpty)
            // A put to the link's own name replaces the link, and not what it points to.
            _ = try await storage.put(ObjectKey("link"), bytes: [1])
            #expect(try files.contentsOfDirectory(atPath: outside) == ["file"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: outside + "/file")) == Data("secret".utf8))
        }
    }

    @Test("named pipes and folders are not objects, and opening one does not hang")
    func specialFiles() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            mkfifo(root + "/pipe", 0o600)
            _ = try await storage.put(ObjectKey("folder/a"), bytes: [1])
            for name in ["pipe", "folder"] {
                #expect(try await storage.head(ObjectKey(name)) == nil)
                await expectStorageError(.notFound) { try await storage.get(ObjectKey(name)) }
            }
            #expect(try await storage.list().objects.map(\.key.string) == ["folder/a"])
        }
    }

    @Test("the folder of uploads under way cannot be reached by keys")
    func reserved() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            let key = try ObjectKey(".partial-uploads/x")
            await expectStorageError(.invalidKey) { try await storage.put(key, bytes: []) }
            await expectStorageError(.invalidKey) { try await storage.get(key) }
            await expectStorageError(.invalidKey) { try await storage.head(key) }
            await expectStorageError(.invalidKey) { try await storage.delete(key) }
        }
    }

    @Test("folders that became empty are removed, others stay")
    func pruning() async throws {
        try await withTemporaryFolder { root in
            let storage = try await FileObjectStorage(root: root)
            _ = try await storage.put(ObjectKey("a/b/c/d"), bytes: [])
            _ = try await storage.put(ObjectKey("a/e"), bytes: [])
            try await storage.delete(ObjectKey("a/b/c/d"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/a") == ["e"])
        }
    }

    @Test("errors name no path of the server")
    func redaction() async throws {
        try await withTemporaryFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            let error = await #expect(throws: ObjectStorageError.self) {
                try await FileObjectStorage(root: folder + "/file/root")
            }
            #expect(error?.description.contains(folder) == false)
            #expect(error?.isRetryable == true)
        }
    }

    private func inode(_ path: String) throws -> UInt64? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
    }
}
