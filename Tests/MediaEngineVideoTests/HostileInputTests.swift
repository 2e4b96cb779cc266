import Foundation
import Testing

@testable import MediaEngine

struct HostileInputTests {
    @Test("what is no media file fails for good with a reason")
    func noMedia() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/file.mp4"
            let noise = (0..<200_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
            for bytes in [Array("# just text\n".utf8), [0], Array(repeating: 0, count: 100_000), noise] {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                let error = #expect(throws: MediaError.self) { try probe(path) }
                #expect(error?.isPermanent == true)
                #expect(error?.message.contains(folder) == false)
                #expect(throws: MediaError.self) { try poster(path, .best) }
            }
        }
    }

    @Test("an empty, missing or special file is said so")
    func unreadable() throws {
        try withTemporaryFolder { folder in
            try Data().write(to: URL(fileURLWithPath: folder + "/empty"))
            expectMediaError(.corruptInput, "empty") { try probe(folder + "/empty") }
            let missing = expectMediaError(.inputUnreadable) { try probe(folder + "/missing") }
            #expect(missing?.message.contains(folder) == false)
            expectMediaError(.inputUnreadable) { try probe(folder) }
            mkfifo(folder + "/pipe", 0o600)
            expectMediaError(.inputUnreadable) { try probe(folder + "/pipe") }
        }
    }

    @Test("a playlist renamed .mp4 is refused, and neither a file nor an address in it is opened")
    func playlists() throws {
        try withTemporaryFolder { folder in
            let canary = folder + "/canary.ts"
            try Data("canary".utf8).write(to: URL(fileURLWithPath: canary))
            let listener = try LocalListener()
            let opens = try OpenWatch(canary)
            func hls(_ segment: String) -> String {
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n\(segment)\n#EXT-X-ENDLIST\n"
            }
            let forms = [
                "relative": hls("canary.ts"),
                "absolute": hls(canary),
                "concat": "ffconcat version 1.0\nfile '\(canary)'\n",
                "http": hls("http://127.0.0.1:\(listener.port)/segment.ts"),
                "http in concat": "ffconcat version 1.0\nfile 'http://127.0.0.1:\(listener.port)/a.mp4'\n",
                "file address": hls("file://\(canary)"),
            ]
            for (form, text) in forms {
                let path = folder + "/upload.mp4"
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let error = expectMediaError(.notAllowed, "playlist") { try probe(path) }
                #expect(error?.isPermanent == true, "\(form)")
                #expect(error?.message.contains("canary") == false)
                expectMediaError(.notAllowed) { try poster(path, .best) }
            }
            #expect(!listener.wasCalled)
            #expect(!opens.wasOpened)
            // The watches do see what they should have seen.
            _ = try Data(contentsOf: URL(fileURLWithPath: canary))
            #expect(opens.wasOpened)
            try listener.callItself()
            #expect(listener.wasCalled)
        }
    }

    @Test(
        "a QuickTime file that keeps its media in another file does not get at it",
        .enabled(if: FFmpegTool.isPresent)
    )
    func externalReference() throws {
        try withTemporaryFolder { folder in
            let (canary, path) = (folder + "/canary.mov", folder + "/upload.mov")
            _ = try FFmpegTool.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-c:v", "mpeg4", canary)
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: canary)))
            // The data reference says "in this file"; without that flag its path counts.
            let entry = Array("url ".utf8) + [0, 0, 0, 1]
            let start = try #require(bytes.indices.first { bytes[$0...].starts(with: entry) })
            bytes[start + 7] = 0
            bytes.replaceSubrange(start..<start + 4, with: Array("alis".utf8))
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let opens = try OpenWatch(canary)
            _ = try? probe(path)
            _ = try? poster(path, .best)
            #expect(!opens.wasOpened)
        }
    }

    @Test(
        "a video cut anywhere fails with a reason or gives a picture, and never crashes",
        .enabled(if: FFmpegTool.isPresent)
    )
    func cuts() throws {
        try withTemporaryFolder { folder in
            let whole = folder + "/whole.mp4"
            _ = try FFmpegTool.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:d=2", "-c:v", "mpeg4", whole)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: whole))
            let path = folder + "/cut.mp4"
            for part in 1..<16 {
                try bytes.prefix(bytes.count * part / 16).write(to: URL(fileURLWithPath: path))
                // The index of this file is at its end.
                expectMediaError(.corruptInput, "truncated") { try probe(path) }
            }
            for seed in 0..<40 {
                var damaged = bytes
                var state = UInt64(seed) &+ 1
                for _ in 0..<20 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
                }
                try damaged.write(to: URL(fileURLWithPath: path))
                do {
                    _ = try probe(path)
                    _ = try poster(path, .best)
                } catch let error as MediaError {
                    #expect(error.isPermanent, "\(error)")
                }
            }
        }
    }
}

/// A socket that listens on this machine and knows whether anyone called.
private final class LocalListener {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        try #require(result)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    var wasCalled: Bool {
        let caller = accept(descriptor, nil, nil)
        if caller >= 0 { close(caller) }
        return caller >= 0
    }

    func callItself() throws {
        let caller = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(caller) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(caller, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }
}

/// Knows whether a file was opened, by anyone, since the last question.
private final class OpenWatch {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK))
        try #require(inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0)
    }

    deinit { close(descriptor) }

    var wasOpened: Bool {
        var events = [UInt8](repeating: 0, count: 4096)
        return read(descriptor, &events, events.count) > 0
    }
}
