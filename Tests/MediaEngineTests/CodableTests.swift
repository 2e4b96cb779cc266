import Foundation
import Testing

@testable import MediaEngine

/// What travels to the child, and what people write into configuration files.
@Suite struct CodableTests {
    @Test("a configuration says only what it means")
    func configuration() throws {
        let text = """
            {"variants": [
                {"name": "thumb", "width": 320, "height": 320, "fit": "cover", "crop": "attention"},
                {"name": "face", "width": 100, "height": 100, "fit": "cover", "crop": {"x": 0.3, "y": 0.5}},
                {"name": "top", "crop": "north", "formats": ["webp", "avif"], "background": "#ff8000",
                 "animation": {"maxFrames": 20}},
                {"name": "plain"}
            ], "placeholder": {"blurHash": {"x": 4, "y": 3}}}
            """
        let preset = try JSONDecoder().decode(ImagePreset.self, from: Data(text.utf8))
        #expect(
            preset.variants == [
                ImageVariant("thumb", width: 320, height: 320, fit: .cover, crop: .attention),
                ImageVariant("face", width: 100, height: 100, fit: .cover, crop: .focalPoint(x: 0.3, y: 0.5)),
                ImageVariant(
                    "top",
                    crop: .gravity(.north),
                    formats: [.webp, .avif],
                    background: .init(red: 255, green: 128, blue: 0),
                    animation: .keep(maxFrames: 20)
                ),
                ImageVariant("plain"),
            ]
        )
        #expect(preset.placeholder == .blurHash(x: 4, y: 3))
        #expect(try JSONDecoder().decode(MediaLimits.self, from: Data("{}".utf8)) == MediaLimits())
    }

    static let mistakes = [
        #"{"width": 3}"#, #"{"name": "v", "crop": "middle"}"#, #"{"name": "v", "background": "red"}"#,
        ##"{"name": "v", "background": "#+ff800"}"##, #"{"name": "v", "formats": ["bmp"]}"#,
        #"{"name": "v", "animation": "all"}"#, #"{"name": "v", "fit": "squeeze"}"#,
    ]

    @Test("a mistake in a configuration is an error, not a default", arguments: mistakes)
    func mistake(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ImageVariant.self, from: Data(text.utf8)) }
    }

    @Test("every job and limit comes back from JSON as it was")
    func roundTrip() throws {
        let preset = ImagePreset(
            variants: [
                ImageVariant("a", crop: .gravity(.southWest), quality: 3, background: .init(red: 0, green: 0, blue: 9)),
                ImageVariant("b", width: 1, crop: .entropy, sharpen: 0.5, animation: .keep(maxFrames: 2)),
                ImageVariant("c", height: 2, fit: .fill, crop: .focalPoint(x: 0, y: 1), allowsUpscaling: true),
            ],
            placeholder: .dataURL(size: 16)
        )
        var limits = MediaLimits()
        (limits.maxPixels, limits.maxProgressivePixels, limits.maxFrames, limits.maxImageBytes) = (1, 2, 3, 4)
        (limits.maxStreams, limits.maxVideoPixels, limits.maxDuration, limits.maxOutputBytes) = (5, 6, 7, 8)
        (limits.deadline, limits.childMemoryBytes, limits.childProcessorSeconds, limits.allowHEIF) = (9, 10, 11, true)
        let jobs: [MediaJob] = [
            .image(ImageJob(input: "i", outputDirectory: "o", preset: preset)), .probe(ProbeJob(input: "i")),
            .poster(PosterJob(input: "i", outputDirectory: "o", position: .percent(3), preset: preset)),
            .poster(PosterJob(input: "i", outputDirectory: "o", position: .keyframe(near: 3), preset: .standard)),
        ]
        for job in jobs {
            let request = ChildRequest(job: job, directory: "d", limits: limits, threads: 3, parent: 7)
            let back = try JSONDecoder().decode(ChildRequest.self, from: JSONEncoder().encode(request))
            #expect(
                back.job == job && back.limits == limits && back.directory == "d" && back.parent == 7
                    && back.threads == 3
            )
        }
    }
}
