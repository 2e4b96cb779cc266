import Foundation
import Testing

@testable import MediaEngine

/// On videos that FFmpeg's command line makes to order.
@Suite(.enabled(if: FFmpegTool.isPresent))
struct GeneratedVideoTests {
    @Test("in a program stream, where seeking ends up late, the frame is still the one that is shown")
    func programStream() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mpg"
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=320x240:r=25:d=20",
                "-c:v",
                "mpeg2video",
                "-bf",
                "2",
                "-g",
                "50",
                "-q:v",
                "3",
                "-f",
                "vob",
                path
            )
            #expect(try probe(path).container == "mpegps")
            for seconds in [0.0, 0.5, 3.98, 4.0, 7.01, 13.37, 19.9] {
                let frame = try poster(path, .seconds(seconds))
                let number = Int((seconds * 25 + 1e-6).rounded(.down))
                #expect(abs(try #require(frame.time) - Double(number) / 25) < 0.001, "\(seconds)")
                let filter = "select=eq(n\\,\(number)),\(FFmpegTool.toRGB("bt601"))"
                let truth = try FFmpegTool.picture(path, filter: filter)
                #expect(frame.similarity(to: truth) > 40, "\(seconds): \(frame.similarity(to: truth)) dB")
            }
        }
    }

    @Test(
        "every container finds the frame that is shown",
        arguments: ["mp4", "mov", "mkv", "ts", "avi", "flv", "3gp"]
    )
    func containers(_ container: String) throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/video.\(container)"
            let codec = container == "3gp" || container == "avi" ? "mpeg4" : "libx264"
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=176x144:r=25:d=12",
                "-c:v",
                codec,
                "-g",
                "60",
                "-b:v",
                "800k",
                path
            )
            let shown = ["ts": "mpegts"][container] ?? container
            #expect(try probe(path).container == shown)
            for seconds in [0.0, 2.42, 7.0, 11.97] {
                let frame = try poster(path, .seconds(seconds))
                let number = Int((seconds * 25 + 1e-6).rounded(.down))
                let truth = try FFmpegTool.picture(
                    path,
                    filter: "select=eq(n\\,\(number)),\(FFmpegTool.toRGB("bt601"))"
                )
                #expect(frame.similarity(to: truth) > 40, "\(seconds): \(frame.similarity(to: truth)) dB")
            }
        }
    }

    @Test(
        "colours are right in every matrix and range",
        arguments: [
            ("bt709", "tv", "320x240"), ("bt709", "pc", "320x240"), ("smpte170m", "tv", "1280x720"),
            ("smpte170m", "pc", "320x240"), ("bt2020nc", "tv", "320x240"), ("", "tv", "320x240"),
            ("", "tv", "1280x720"),
        ]
    )
    func colours(_ matrix: String, _ range: String, _ size: String) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mp4"
            // What is not said is BT.709 in high definition, and BT.601 below.
            let coded = matrix.isEmpty ? (size == "1280x720" ? "bt709" : "smpte170m") : matrix
            let conversion = "scale=out_color_matrix=\(coded == "bt2020nc" ? "bt2020" : coded):out_range=\(range)"
            for (colour, expected) in [
                ("0xC03020", [192, 48, 32]), ("0x2060E0", [32, 96, 224]), ("0x30B040", [48, 176, 64]),
            ] {
                let tags = matrix.isEmpty ? [] : ["-colorspace", matrix]
                let arguments =
                    [
                        "-f", "lavfi", "-i", "color=\(colour):s=\(size):d=0.2", "-vf",
                        "format=gbrp,\(conversion),format=yuv444p",
                    ]
                    + ["-c:v", "libx264", "-qp", "1", "-color_range", range] + tags + [path]
                try FFmpegTool.run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
                let pixel = try poster(path, .seconds(0)).pixel(100, 100)
                #expect(zip(pixel, expected).allSatisfy { abs($0 - $1) <= 3 }, "\(pixel), not \(expected)")
            }
        }
    }

    @Test("pixels that are not square are shown square")
    func aspect() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mp4"
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=360x288:d=0.2,setsar=64/45",
                "-c:v",
                "libx264",
                path
            )
            let track = try #require(try probe(path).mainVideo)
            #expect((track.displayWidth, track.displayHeight) == (512, 288))
            let frame = try poster(path, .seconds(0))
            #expect((frame.width, frame.height) == (512, 288))
        }
    }

    @Test("every turn of the display matrix ends up upright", arguments: [0, 90, 180, 270])
    func turns(_ angle: Int) throws {
        try withTemporaryFolder { folder in
            let (plain, path) = (folder + "/plain.mp4", folder + "/turned.mp4")
            _ = try FFmpegTool.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x96:d=0.2", "-c:v", "libx264", plain)
            _ = try FFmpegTool.ffmpeg(
                "-i",
                plain,
                "-c",
                "copy",
                "-metadata:s:v:0",
                "rotate=\(angle)",
                path
            )
            // FFmpeg 5 writes the tag as a turn against the clock.
            #expect(try probe(path).mainVideo?.rotation == (360 - angle) % 360)
            let truth = try FFmpegTool.picture(path, filter: FFmpegTool.toRGB("bt601"))
            #expect(try poster(path, .seconds(0)).similarity(to: truth) > 38)
        }
    }

    @Test(
        "high dynamic range is recognised, and its reference white is bright but not clipped",
        arguments: [("smpte2084", "hdr10", 0.5807), ("arib-std-b67", "hlg", 0.75)]
    )
    func highDynamicRange(_ transfer: String, _ name: String, _ white: Double) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mp4"
            let luma = Int((64 + white * 876).rounded())
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "color=black:s=320x240:d=0.2",
                "-vf",
                "format=yuv420p10le,geq=lum=\(luma):cb=512:cr=512",
                "-c:v",
                "libx264",
                "-qp",
                "1",
                "-color_trc",
                transfer,
                "-color_primaries",
                "bt2020",
                "-colorspace",
                "bt2020nc",
                path
            )
            #expect(try probe(path).mainVideo?.hdr == name)
            let pixel = try poster(path, .seconds(0)).pixel(100, 100)
            // 0.8 of linear light, by the roll-off, is 231 in sRGB.
            #expect(pixel.allSatisfy { abs($0 - 231) <= 3 }, "\(pixel)")
        }
    }

    @Test("the best frame is neither the black nor the flat nor the blurred one")
    func best() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mp4"
            let source = "testsrc2=s=320x240:r=10:d=8"
            let filter =
                "drawbox=c=black:t=fill:enable='lt(t,2)',drawbox=c=gray:t=fill:enable='between(t,2,3.99)',"
                + "gblur=sigma=30:enable='between(t,4,5.99)'"
            _ = try FFmpegTool.ffmpeg("-f", "lavfi", "-i", source, "-vf", filter, "-c:v", "libx264", "-g", "10", path)
            let frame = try poster(path, .best, maxDimension: 64)
            #expect(try #require(frame.time) >= 6)
        }
    }

    @Test("a frame without a keyframe near it is exact, too")
    func variableFrameRate() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.mkv"
            // Frames at 0…2 s, then none for six seconds: the one of 2 s is shown all the time.
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=160x120:r=25:d=10,select='lt(t,2.01)+gt(t,8)'",
                "-fps_mode",
                "vfr",
                "-c:v",
                "libx264",
                "-bf",
                "3",
                "-g",
                "999",
                path
            )
            #expect(abs(try #require(try poster(path, .seconds(7)).time) - 2) < 0.002)
        }
    }

    @Test("subtitles, languages and titles are listed")
    func subtitles() throws {
        try withTemporaryFolder { folder in
            let (text, path) = (folder + "/text.srt", folder + "/video.mkv")
            try Data("1\n00:00:00,000 --> 00:00:01,000\nHallo\n".utf8).write(to: URL(fileURLWithPath: text))
            _ = try FFmpegTool.ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "sine=d=1",
                "-i",
                text,
                "-c:a",
                "flac",
                "-c:s",
                "srt",
                "-metadata:s:a:0",
                "language=ger",
                "-metadata:s:a:0",
                "title=Ton",
                "-metadata:s:s:0",
                "language=fre",
                path
            )
            let report = try probe(path)
            #expect(report.container == "mkv")
            #expect(report.audio.map(\.language) == ["ger"])
            #expect(report.audio.map(\.title) == ["Ton"])
            #expect(report.subtitles.map(\.codec) == ["subrip"])
            #expect(report.subtitles.map(\.language) == ["fre"])
        }
    }

    @Test("more pixels in a frame than its header says do not get through")
    func pixelLimit() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/video.ts"
            _ = try FFmpegTool.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=640x480:d=0.4", "-c:v", "mpeg2video", path)
            var limits = MediaLimits()
            limits.maxVideoPixels = 640 * 480 - 1
            let error = #expect(throws: MediaError.self) { try poster(path, .seconds(0), limits: limits) }
            #expect(error?.isPermanent == true)
        }
    }
}
