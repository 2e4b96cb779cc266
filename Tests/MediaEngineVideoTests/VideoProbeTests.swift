import Foundation
import Testing

@testable import MediaEngine

@Suite(.enabled(if: MediaSamples.isPresent))
struct VideoProbeTests {
    static let wholeFiles = [
        "trailer-55s-720p.mp4", "rotated-90.mp4", "no-duration.webm", "cover-art.mp3", "two-audio-tracks.mp4",
        "animated.gif",
    ]

    @Test("says what ffprobe says", .enabled(if: FFmpegTool.isPresent), arguments: wholeFiles)
    func oracle(_ name: String) throws {
        let path = try MediaSamples.path(name)
        let report = try probe(path)
        let truth = try FFprobe.read(path)
        #expect(report.byteCount == Int(truth.format.size))
        #expect(report.bitRate == truth.format.bit_rate.flatMap(Int.init))
        if let duration = truth.format.duration.flatMap(Double.init) {
            #expect(abs((report.duration ?? -1) - duration) < 1e-5)
        }
        let covers = truth.streams.filter { $0.disposition.attached_pic == 1 }
        #expect(report.hasCoverArt == !covers.isEmpty)
        let video = truth.streams.filter { $0.codec_type == "video" && $0.disposition.attached_pic == 0 }
        try #require(report.video.count == video.count)
        for (track, stream) in zip(report.video, video) { stream.expectEqual(track) }
        let audio = truth.streams.filter { $0.codec_type == "audio" }
        try #require(report.audio.count == audio.count)
        for (track, stream) in zip(report.audio, audio) { stream.expectEqual(track) }
    }

    @Test(
        "names the container as people do",
        arguments: [
            ("trailer-55s-720p.mp4", "mp4"), ("no-duration.webm", "webm"), ("cover-art.mp3", "mp3"),
            ("animated.gif", "gif"),
        ]
    )
    func container(_ name: String, _ expected: String) throws {
        #expect(try probe(MediaSamples.path(name)).container == expected)
    }

    @Test("a rotated video is described as it is shown")
    func rotation() throws {
        let report = try probe(MediaSamples.path("rotated-90.mp4"))
        let track = try #require(report.mainVideo)
        #expect((track.codedWidth, track.codedHeight) == (640, 480))
        #expect((track.displayWidth, track.displayHeight) == (480, 640))
        #expect(track.rotation == 90)
    }

    @Test("a length that the header does not tell is measured")
    func measuredDuration() throws {
        let duration = try #require(try probe(MediaSamples.path("no-duration.webm")).duration)
        // The last packet, of sound, begins at 4.872 s.
        #expect((4.872...4.95).contains(duration), "\(duration)")
    }

    @Test("cover art is never a video")
    func coverArt() throws {
        let report = try probe(MediaSamples.path("cover-art.mp3"))
        #expect(report.video.isEmpty)
        #expect(report.mainVideo == nil)
        #expect(report.hasCoverArt)
    }

    @Test("every sound track is listed, and which one is the default")
    func tracks() throws {
        let report = try probe(MediaSamples.path("two-audio-tracks.mp4"))
        #expect(report.audio.map(\.channels) == [2, 1])
        #expect(report.audio.map(\.isDefault) == [true, false])
    }

    @Test("a truncated video fails for good, and the reason says so")
    func truncated() throws {
        let path = try MediaSamples.path("truncated.mp4")
        let error = expectMediaError(.corruptInput, "truncated") { try probe(path) }
        #expect(error?.isPermanent == true)
        expectMediaError(.corruptInput, "truncated") { try poster(path, .best) }
    }

    @Test(
        "a picture is refused as a picture, without being decoded",
        arguments: ["photo-12mp.jpg", "bomb-64250px.jpg", "truncated.jpg", "16bit.tif"]
    )
    func pictures(_ name: String) throws {
        let path = try MediaSamples.path(name)
        let error = expectMediaError(.unsupportedFormat, "picture") { try probe(path) }
        #expect(error?.isPermanent == true)
    }

    @Test("more tracks, pixels or seconds than the limits allow are refused")
    func limits() throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        var limits = MediaLimits()
        limits.maxStreams = 1
        expectMediaError(.tooLarge, "1 tracks") { try probe(path, limits: limits) }
        limits = MediaLimits()
        limits.maxVideoPixels = 1280 * 720 - 1
        expectMediaError(.tooLarge, "pixels") { try probe(path, limits: limits) }
        limits.maxVideoPixels = 1280 * 720
        #expect(throws: Never.self) { try probe(path, limits: limits) }
        limits.maxDuration = 55
        expectMediaError(.tooLarge, "longer") { try probe(path, limits: limits) }
    }
}

/// ffprobe's answer, as far as it is compared.
private struct FFprobe: Decodable {
    struct Format: Decodable {
        var size: String
        var duration: String?
        var bit_rate: String?
    }

    struct Stream: Decodable {
        var index: Int
        var codec_name: String
        var codec_type: String
        var profile: String?
        var width: Int?
        var height: Int?
        var pix_fmt: String?
        var avg_frame_rate: String
        var nb_frames: String?
        var bit_rate: String?
        var duration: String?
        var channels: Int?
        var sample_rate: String?
        var disposition: Disposition
        var tags: [String: String]?
        var side_data_list: [SideData]?
    }

    struct Disposition: Decodable {
        var `default`: Int
        var attached_pic: Int
    }

    struct SideData: Decodable {
        var rotation: Int?
    }

    var format: Format
    var streams: [Stream]

    static func read(_ path: String) throws -> FFprobe {
        let json = try FFmpegTool.run("ffprobe", ["-v", "error", "-show_format", "-show_streams", "-of", "json", path])
        return try JSONDecoder().decode(FFprobe.self, from: json)
    }
}

extension FFprobe.Stream {
    func expectEqual(_ track: ProbeReport.VideoTrack) {
        #expect(track.index == index)
        #expect(track.codec == codec_name)
        #expect(track.profile == profile)
        #expect(track.codedWidth == width)
        #expect(track.codedHeight == height)
        #expect(track.pixelFormat == pix_fmt)
        #expect(track.frameCount == nb_frames.flatMap(Int.init))
        #expect(track.bitRate == bit_rate.flatMap(Int.init))
        #expect(isClose(track.duration, duration))
        #expect(track.isDefault == (disposition.default == 1))
        let rotation = side_data_list?.compactMap(\.rotation).first ?? 0
        #expect(track.rotation == (360 - rotation) % 360)
        let parts = avg_frame_rate.split(separator: "/").compactMap { Double($0) }
        if parts.count == 2, parts[1] > 0 { #expect(abs((track.frameRate ?? 0) - parts[0] / parts[1]) < 1e-9) }
    }

    func expectEqual(_ track: ProbeReport.AudioTrack) {
        #expect(track.index == index)
        #expect(track.codec == codec_name)
        #expect(track.channels == channels)
        #expect(track.sampleRate == sample_rate.flatMap(Int.init))
        #expect(track.bitRate == bit_rate.flatMap(Int.init))
        #expect(isClose(track.duration, duration))
        #expect(track.language == tags?["language"])
        #expect(track.isDefault == (disposition.default == 1))
    }

    private func isClose(_ value: Double?, _ text: String?) -> Bool {
        guard let value, let truth = text.flatMap(Double.init) else { return value == nil && text == nil }
        return abs(value - truth) < 1e-5
    }
}
