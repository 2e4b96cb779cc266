import Foundation
import Testing

@testable import MediaEngine

@Suite(.enabled(if: MediaSamples.isPresent))
struct PosterTests {
    @Test(
        "the frame at a second is the one that is shown then",
        .enabled(if: FFmpegTool.isPresent),
        arguments: [
            ("trailer-55s-720p.mp4", 0.0, "bt709"), ("trailer-55s-720p.mp4", 20.0, "bt709"),
            ("trailer-55s-720p.mp4", 33.333, "bt709"), ("trailer-55s-720p.mp4", 54.99, "bt709"),
            ("rotated-90.mp4", 0.0, "bt601"), ("rotated-90.mp4", 3.0, "bt601"), ("no-duration.webm", 0.5, "bt709"),
        ]
    )
    func exact(_ name: String, _ seconds: Double, _ matrix: String) throws {
        let path = try MediaSamples.path(name)
        let frame = try poster(path, .seconds(seconds))
        let times = try frameTimes(path)
        let expected = try #require(times.last { $0 <= seconds } ?? times.first)
        let time = try #require(frame.time)
        #expect(abs(time - expected) < 1e-3)
        // Half a frame early, because FFmpeg takes the first frame at or after the time it is given.
        let position = ["-ss", "\(max(expected - 0.01, 0))"]
        let truth = try FFmpegTool.picture(path, input: position, filter: FFmpegTool.toRGB(matrix))
        #expect(frame.similarity(to: truth) > 45, "\(frame.similarity(to: truth)) dB")
    }

    @Test("beyond the end is the last frame, before the start and nonsense the first")
    func edges() throws {
        let path = try MediaSamples.path("rotated-90.mp4")
        let last = try poster(path, .seconds(1e12))
        #expect(try poster(path, .percent(100)).bytes == last.bytes)
        #expect(try poster(path, .seconds(.infinity)).bytes == last.bytes)
        let first = try poster(path, .seconds(0))
        #expect(try poster(path, .seconds(-5)).bytes == first.bytes)
        #expect(try poster(path, .seconds(.nan)).bytes == first.bytes)
        #expect(first.bytes != last.bytes)
        #expect(try #require(last.time) > 4.9)
    }

    @Test("a percentage is one of the whole length, also where the file does not tell it")
    func percent() throws {
        let trailer = try poster(MediaSamples.path("trailer-55s-720p.mp4"), .percent(50), maxDimension: 64)
        #expect(abs(try #require(trailer.time) - 27.5625) < 0.05)
        let clip = try poster(MediaSamples.path("no-duration.webm"), .percent(50), maxDimension: 64)
        let duration = try #require(try probe(MediaSamples.path("no-duration.webm")).duration)
        #expect(abs(try #require(clip.time) - duration / 2) < 0.1)
    }

    @Test("the nearest keyframe is a keyframe, on whichever side it lies", .enabled(if: FFmpegTool.isPresent))
    func keyframe() throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        let keys = try frameTimes(path, keysOnly: true)
        for seconds in [0.0, 12.3, 20, 31.7, 55] {
            let nearest = try #require(keys.min { abs($0 - seconds) < abs($1 - seconds) })
            let frame = try poster(path, .keyframe(near: seconds), maxDimension: 64)
            let time = try #require(frame.time)
            #expect(abs(time - nearest) < 0.1, "near \(seconds): \(time), not \(nearest)")
        }
    }

    @Test("the best frame of a trailer that begins in black is not black")
    func best() throws {
        let rgb = try poster(MediaSamples.path("trailer-55s-720p.mp4"), .best, maxDimension: 128).packedRGB
        let mean = rgb.reduce(0) { $0 + Int($1) } / rgb.count
        #expect((24...235).contains(mean), "\(mean)")
        // White text on black: the first seconds are nearly empty.
        let terminal = try poster(MediaSamples.path("rotated-90.mp4"), .best, maxDimension: 128)
        #expect(try #require(terminal.time) > 1.5)
    }

    @Test(
        "every video has a best frame, also one that is nearly black",
        arguments: ["no-duration.webm", "animated.gif"]
    )
    func bestOfAny(_ name: String) throws {
        #expect(try poster(MediaSamples.path(name), .best, maxDimension: 128).width > 0)
    }

    @Test("a poster is upright: as FFmpeg turns it, with width and height of the display")
    func upright() throws {
        let frame = try poster(MediaSamples.path("rotated-90.mp4"), .seconds(1))
        #expect((frame.width, frame.height) == (480, 640))
        let small = try poster(MediaSamples.path("rotated-90.mp4"), .seconds(1), maxDimension: 64)
        #expect((small.width, small.height) == (48, 64))
    }

    @Test("the longer side is at most what is asked for, and never larger than the video")
    func maxDimension() throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        let sizes = try [1, 100, 1279, 1280, 9999].map { size in
            let frame = try poster(path, .keyframe(near: 10), maxDimension: size)
            return [frame.width, frame.height]
        }
        #expect(sizes == [[1, 1], [100, 56], [1279, 719], [1280, 720], [1280, 720]])
    }

    @Test("cover art comes out when asked for, and never as a frame of video", .enabled(if: FFmpegTool.isPresent))
    func coverArt() throws {
        let path = try MediaSamples.path("cover-art.mp3")
        let frame = try PosterExtractor.coverArt(path: path, limits: MediaLimits(), cancellation: CancellationFlag())
        #expect((frame.width, frame.height) == (1618, 1381))
        let truth = try FFmpegTool.picture(
            path,
            filter: "scale=in_range=full:flags=bicubic+accurate_rnd+full_chroma_int"
        )
        #expect(frame.similarity(to: truth) > 40, "\(frame.similarity(to: truth))")
        expectMediaError(.nothingToDo, "no video") { try poster(path, .best) }
    }

    @Test("a file without pictures has no poster, for good")
    func noVideo() throws {
        let path = try MediaSamples.path("two-audio-tracks.mp4")
        let error = expectMediaError(.nothingToDo, "no video") { try poster(path, .seconds(0)) }
        #expect(error?.isPermanent == true)
        expectMediaError(.nothingToDo, "cover") {
            try PosterExtractor.coverArt(path: path, limits: MediaLimits(), cancellation: CancellationFlag())
        }
    }

    @Test("cancelling in the middle of decoding ends it as cancelled", arguments: [PosterPosition.seconds(50), .best])
    func cancellation(_ position: PosterPosition) throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        let flag = CancellationFlag()
        var reportsAfter = 0
        let error = #expect(throws: MediaError.self) {
            try PosterExtractor.frame(path: path, position: position, limits: MediaLimits(), cancellation: flag) {
                progress in
                if flag.isRaised { reportsAfter += 1 }
                if progress.phase == .decode { flag.cancel() }
            }
        }
        #expect(error?.code == .cancelled)
        #expect(reportsAfter == 0)
    }

    @Test("a raised flag and a passed deadline stop the work before it begins, and are not the file's fault")
    func stopped() throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        let cancelled = CancellationFlag()
        cancelled.cancel()
        let error = expectMediaError(.cancelled) { try probe(path, cancellation: cancelled) }
        #expect(error?.isPermanent == false)
        expectMediaError(.cancelled) { try poster(path, .best, cancellation: cancelled) }
        expectMediaError(.timedOut) { try probe(path, cancellation: CancellationFlag(deadline: 0)) }
        expectMediaError(.timedOut) { try poster(path, .best, cancellation: CancellationFlag(deadline: 0)) }
    }

    @Test("progress grows from 0 within each phase and stays below 1 until the frame is there")
    func progress() throws {
        let path = try MediaSamples.path("trailer-55s-720p.mp4")
        var fractions: [Double] = []
        _ = try PosterExtractor.frame(
            path: path,
            position: .seconds(20),
            limits: MediaLimits(),
            cancellation: CancellationFlag(),
            maxDimension: 64
        ) { fractions.append($0.fraction) }
        #expect(fractions.first == 0)
        #expect(fractions.count > 10)
        #expect(fractions == fractions.sorted())
        #expect(try #require(fractions.last) < 1)
    }

    /// Times of the frames in the order they are shown, from the start of the file, as ffprobe tells them.
    private func frameTimes(_ path: String, keysOnly: Bool = false) throws -> [Double] {
        let entries = [
            "-v", "error", "-show_entries", "format=start_time:packet=pts_time,flags", "-select_streams", "v:0",
        ]
        let text = try FFmpegTool.run("ffprobe", entries + ["-of", "csv=p=1", path])
        var start = 0.0
        var times: [Double] = []
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ",")
            guard fields.count >= 2, let time = Double(fields[1]) else { continue }
            if fields[0] == "format" {
                start = time
            } else if !keysOnly || fields.last?.hasPrefix("K") == true {
                times.append(time)
            }
        }
        return times.map { $0 - start }.sorted()
    }
}
