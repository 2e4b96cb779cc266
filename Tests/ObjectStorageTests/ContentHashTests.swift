import Foundation
import ObjectStorage
import Testing

struct ContentHashTests {
    /// FIPS 180-4's example.
    private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("bytes, streams and files have the same hash")
    func agreement() async throws {
        #expect(ContentHash.sha256(of: Array("abc".utf8)) == abc)
        #expect(ContentHash.sha256(of: "abc".utf8) == abc)
        #expect(try await ContentHash.sha256(of: ScriptedChunks(chunks: [[0x61], [], [0x62, 0x63]])) == abc)
        try await withTemporaryFolder { folder in
            let path = folder + "/file"
            for count in [0, 3, 1 << 20, (1 << 20) + 1, 3_000_000] {
                let bytes = count == 3 ? Array("abc".utf8) : patternedBytes(count)
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                #expect(try await ContentHash.sha256(ofFile: path) == ContentHash.sha256(of: bytes))
            }
        }
    }

    @Test("what is no readable file is refused without a hang or a path in the message")
    func unreadable() async throws {
        try await withTemporaryFolder { folder in
            mkfifo(folder + "/pipe", 0o600)
            for name in ["missing", "pipe", ""] {
                let error = await #expect(throws: ObjectStorageError.self) {
                    try await ContentHash.sha256(ofFile: folder + "/" + name)
                }
                #expect(error?.code == .unreadableSource)
                #expect(error?.description.contains(folder) == false)
            }
        }
    }
}
