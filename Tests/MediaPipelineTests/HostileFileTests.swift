import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import TestSupport
import Testing

/// Files that must fail, once, with a reason that a person understands.
@Suite("hostile files", .enabled(if: Samples.exist))
struct HostileFileTests {
    static let playlists = [
        "relative": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.ts\n#EXT-X-ENDLIST\n",
        "absolute": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n",
        "ffconcat": "ffconcat version 1.0\nfile '/etc/passwd'\n",
        "http": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n",
    ]

    @Test(
        "a playlist renamed .mp4 is refused at once, in all four forms",
        .timeLimit(.minutes(2)),
        arguments: playlists.keys.sorted()
    )
    func playlist(form: String) async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Array((Self.playlists[form] ?? "").utf8), as: "video.mp4")
        let probe = try await ProbeMedia.enqueue(.init(source: source), on: world.manager)
        let poster = try await VideoPoster.enqueue(.init(source: source, preset: .tiny), on: world.manager)
        for id in [probe.id, poster.id] {
            let record = try await world.finished(id)
            try Self.expectFailedOnce(record, world)
            #expect(["not_allowed", "unsupported_format", "corrupt_input"].contains(record.error?.code))
        }
        #expect(try await world.outputKeys == [])
    }

    @Test("truncated files and a bomb fail once, others are done", .timeLimit(.minutes(2)))
    func broken() async throws {
        let world = try await MediaWorld()
        let preset = MediaPreset.tiny
        var failing: [TaskID] = []
        for name in ["truncated.jpg", "bomb-64250px.jpg"] {
            let input = ImageVariants.Input(source: try await world.sample(name), preset: preset)
            failing.append(try await ImageVariants.enqueue(input, on: world.manager).id)
        }
        let truncated = try await world.sample("truncated.mp4")
        failing.append(try await ProbeMedia.enqueue(.init(source: truncated), on: world.manager).id)
        failing.append(try await VideoPoster.enqueue(.init(source: truncated, preset: preset), on: world.manager).id)
        let good = try await ImageVariants.enqueue(
            .init(source: try await world.sample("cmyk.jpg"), preset: preset),
            on: world.manager
        )
        #expect(try await world.finished(good.id).status == .done)
        for id in failing { try Self.expectFailedOnce(await world.finished(id), world) }
        #expect(world.leftovers == [])
    }

    private static func expectFailedOnce(_ record: TaskRecord, _ world: MediaWorld) throws {
        #expect(record.status == .failed)
        #expect(record.attempts == 1)
        let failure = try #require(record.error)
        #expect(!failure.isRetryable)
        #expect(failure.message.count > 15)
        #expect(!failure.message.contains(world.root))
        #expect(!failure.message.contains("/etc/"))
    }
}
