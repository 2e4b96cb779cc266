import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import TestSupport
import Testing

@Suite("media tasks on real files", .enabled(if: Samples.exist))
struct SampleTests {
    @Test("a photo's variants are stored, described and shown upright", .timeLimit(.minutes(2)))
    func variants() async throws {
        let world = try await MediaWorld()
        let source = try await world.sample("photo-12mp.jpg")
        let preset = try MediaPresets.standard.preset("default")
        let folder = OutputFolder(label: "photo-12mp", source: source, preset: preset)
        let input = ImageVariants.Input(source: source, preset: preset, folder: folder)
        let handle = try await ImageVariants.enqueue(input, on: world.manager)
        let record = try await world.finished(handle.id)
        #expect(record.error == nil)
        let output = try await handle.value
        #expect(output.images.map { max($0.width, $0.height) } == [320, 800, 1600])
        #expect(output.images.map(\.key.string) == ["thumb", "medium", "large"].map { "\(folder.prefix)/\($0).jpg" })
        #expect(output.placeholder?.isEmpty == false)
        for image in output.images {
            #expect(try await world.outputs.head(image.key)?.size == Int64(image.byteCount))
            let bytes = try await world.outputs.get(image.key).collect(upTo: 10_000_000)
            #expect(ContentHash.sha256(of: bytes) == image.sha256)
        }
        #expect(world.leftovers == [])
    }

    @Test("a video is probed and has a poster", .timeLimit(.minutes(2)))
    func video() async throws {
        let world = try await MediaWorld()
        let source = try await world.sample("trailer-55s-720p.mp4")
        let folder = OutputFolder(label: "trailer", source: source, preset: .tiny)
        let probe = try await ProbeMedia.enqueue(.init(source: source, folder: folder), on: world.manager)
        let poster = try await VideoPoster.enqueue(
            .init(source: source, preset: .tiny, folder: folder),
            on: world.manager
        )
        #expect(try await world.finished(probe.id).error == nil)
        #expect(try await world.finished(poster.id).error == nil)
        let output = try await probe.value
        #expect(output.report.displayWidth == 1280)
        #expect(output.report.displayHeight == 720)
        let key = try #require(output.metadata?.key)
        let file = try await world.outputs.get(key).collect(upTo: 1_000_000)
        #expect(try JSONDecoder().decode(ProbeReport.self, from: Data(file)) == output.report)
        #expect(try await poster.value.images.map { max($0.width, $0.height) } == [160])
    }

    @Test("music has the poster that is its cover", .timeLimit(.minutes(2)))
    func cover() async throws {
        let world = try await MediaWorld()
        var preset = MediaPreset.tiny
        preset.poster.position = .coverArt
        let handle = try await VideoPoster.enqueue(
            .init(source: try await world.sample("cover-art.mp3"), preset: preset),
            on: world.manager
        )
        #expect(try await world.finished(handle.id).error == nil)
        #expect(try await handle.value.images.count == 1)
    }

    @Test("no output of a photo with GPS holds it, in any format", .timeLimit(.minutes(2)))
    func gps() async throws {
        let world = try await MediaWorld()
        let source = try await world.sample("gps.jpg")
        let original = try Samples.bytes("gps.jpg")
        #expect(Self.isLocated(original), "the sample must hold what is looked for")
        let preset = MediaPreset(
            name: "all",
            image: ImagePreset(
                variants: [ImageVariant("v", width: 640, height: 640, formats: ImageVariant.Format.allCases)],
                placeholder: .dataURL(size: 32)
            )
        )
        let handle = try await ImageVariants.enqueue(.init(source: source, preset: preset), on: world.manager)
        #expect(try await world.finished(handle.id).error == nil)
        let output = try await handle.value
        #expect(output.images.map(\.format) == ImageVariant.Format.allCases)
        for image in output.images {
            let bytes = try await world.outputs.get(image.key).collect(upTo: 10_000_000)
            #expect(!Self.isLocated(bytes), "\(image.format) holds EXIF")
        }
        let placeholder = try #require(output.placeholder?.split(separator: ",").last)
        #expect(!Self.isLocated([UInt8](try #require(Data(base64Encoded: String(placeholder))))))
    }

    /// Whether there is any EXIF or XMP at all: nothing of them is wanted in outputs.
    private static func isLocated(_ bytes: [UInt8]) -> Bool {
        ["Exif\0\0", "EXIF", "<x:xmpmeta", "GPSLatitude"].contains { Data(bytes).range(of: Data($0.utf8)) != nil }
    }
}
