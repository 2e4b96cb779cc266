import Foundation
import TestSupport
import Testing

@testable import MediaEngine

/// Real images, in process and in a child, judged by libvips' own tools.
@Suite(.enabled(if: Samples.exist))
struct ImageSampleTests {
    static let isolations: [MediaEngine.Isolation] = [.inProcess, .childProcess()]

    private func run(
        _ name: String,
        _ preset: ImagePreset,
        in directory: TemporaryDirectory,
        _ isolation: MediaEngine.Isolation = .inProcess,
        limits: MediaLimits = MediaLimits()
    ) async throws -> ImageResult {
        let job = ImageJob(input: Samples.path(name), outputDirectory: directory.path, preset: preset)
        guard case .image(let result) = try await MediaEngine(isolation: isolation, limits: limits).run(.image(job))
        else { throw MediaError(.engineFailed, "not an image result") }
        return result
    }

    @Test("a 12 MP photo becomes the three standard variants", arguments: isolations)
    func photo(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let result = try await run("photo-12mp.jpg", .standard, in: directory, isolation)
        #expect(result.inputFormat == "jpeg" && result.inputWidth == 4032 && result.inputHeight == 3024)
        #expect(result.outputs.map(\.width) == [320, 800, 1600])
        #expect(result.outputs.map(\.height) == [240, 600, 1200])
        #expect(result.placeholder?.count == 28)
        #expect(directory.contents == ["large.jpg", "medium.jpg", "thumb.jpg"])
        for output in result.outputs {
            #expect(try Data(contentsOf: URL(filePath: output.path)).count == output.byteCount)
            guard let header = try await Tool.vipsHeader(output.path) else { continue }
            #expect(header["width"] == "\(output.width)" && header["height"] == "\(output.height)")
            #expect(header["interpretation"] == "srgb" && header["bands"] == "3")
        }
    }

    @Test("shrinking while decoding looks like scaling all pixels")
    func quality() async throws {
        let vipsthumbnail = try #require(Tool.find("vipsthumbnail"))
        let directory = try TemporaryDirectory()
        let variants = [320, 800, 1600].map { (side: Int) in
            ImageVariant("v\(side)", width: side, height: side, formats: [.png])
        }
        let result = try await run("photo-12mp.jpg", ImagePreset(variants: variants), in: directory)
        for output in result.outputs {
            let reference = directory.path + "/reference.png"
            _ = try await Tool.run(
                vipsthumbnail,
                Samples.path("photo-12mp.jpg"),
                "--size=\(output.width)x\(output.width)",
                "-o",
                reference
            )
            #expect(try Pictures.difference(output.path, reference) < 2)
        }
    }

    @Test(
        "no position, camera or other metadata survives in any format",
        arguments: ["gps.jpg", "cmyk.jpg", "photo-12mp.jpg"]
    )
    func privacy(name: String) async throws {
        let directory = try TemporaryDirectory()
        let preset = ImagePreset(
            variants: [
                ImageVariant("small", width: 200, formats: ImageVariant.Format.allCases),
                // Up to the full size, where nothing is scaled.
                ImageVariant("large", width: 1600, formats: ImageVariant.Format.allCases),
            ],
            placeholder: .dataURL(size: 16)
        )
        let result = try await run(name, preset, in: directory)
        #expect(result.outputs.count == 8)
        let marks = [
            "Exif\0", "EXIF", "eXIf", "Photoshop", "xmpmeta", "ns.adobe.com/xap", "ICC_PROFILE", "GPSL", "Canon",
            "Apple",
        ]
        for output in result.outputs {
            let bytes = try Data(contentsOf: URL(filePath: output.path))
            for mark in marks { #expect(bytes.range(of: Data(mark.utf8)) == nil, "\(mark) in \(output.path)") }
            let header = try await Tool.vipsHeader(output.path) ?? [:]
            #expect(header.keys.filter { $0.hasPrefix("exif-") || $0.hasSuffix("-data") }.isEmpty)
        }
        let url = try #require(result.placeholder)
        let small = try #require(Data(base64Encoded: String(url.dropFirst("data:image/webp;base64,".count))))
        for mark in marks { #expect(small.range(of: Data(mark.utf8)) == nil) }
    }

    @Test("gps.jpg does hold a position, so that the test above can fail")
    func privacyControl() throws {
        let bytes = try Data(contentsOf: URL(filePath: Samples.path("gps.jpg")))
        #expect(bytes.range(of: Data("Exif\0".utf8)) != nil)
    }

    @Test("an image is turned upright, and says so")
    func orientation() async throws {
        let vipsthumbnail = try #require(Tool.find("vipsthumbnail"))
        let directory = try TemporaryDirectory()
        let variant = ImageVariant("v", width: 600, height: 600, formats: [.png])
        let result = try await run("orientation-6.jpg", ImagePreset(variants: [variant]), in: directory)
        #expect((result.inputWidth, result.inputHeight) == (1800, 1200))
        #expect((result.outputs[0].width, result.outputs[0].height) == (600, 400))
        let reference = directory.path + "/reference.png"
        _ = try await Tool.run(vipsthumbnail, Samples.path("orientation-6.jpg"), "--size=600x600", "-o", reference)
        #expect(try Pictures.difference(result.outputs[0].path, reference) < 2)
    }

    @Test("CMYK and 16-bit images become 8-bit sRGB that looks alike", arguments: ["cmyk.jpg", "16bit.tif"])
    func colours(name: String) async throws {
        let vips = try #require(Tool.find("vips"))
        let directory = try TemporaryDirectory()
        let result = try await run(name, ImagePreset(variants: [ImageVariant("v", formats: [.png])]), in: directory)
        let reference = directory.path + "/reference.png"
        if name == "cmyk.jpg" {
            _ = try await Tool.run(
                vips,
                "icc_transform",
                Samples.path(name),
                reference,
                "srgb",
                "--input-profile",
                "cmyk",
                "--embedded",
                "--intent",
                "perceptual"
            )
        } else {
            _ = try await Tool.run(vips, "colourspace", Samples.path(name), reference, "srgb")
        }
        let picture = try Pictures.read(result.outputs[0].path)
        #expect(picture.bands == 3)
        #expect(try Pictures.difference(result.outputs[0].path, reference) < 2)
        // The 16-bit file holds two greys only.
        #expect(Set(picture.samples).count > 1)
    }

    @Test("of an animation only the first frame is used, unless asked for")
    func animation() async throws {
        let directory = try TemporaryDirectory()
        let preset = ImagePreset(variants: [
            ImageVariant("still", width: 40, formats: [.webp]),
            ImageVariant("moving", width: 40, formats: [.webp, .jpeg], animation: .keep(maxFrames: 100)),
            ImageVariant(
                "capped",
                width: 30,
                height: 30,
                fit: .cover,
                crop: .attention,
                formats: [.webp],
                animation: .keep(maxFrames: 10)
            ),
        ])
        let result = try await run("animated.gif", preset, in: directory)
        #expect(result.inputFrames == 30)
        #expect(result.outputs.map(\.height) == [40, 40, 40, 30])
        #expect(result.outputs[0].frames == 1 && result.outputs[2].frames == 1)
        for (output, milliseconds) in [(result.outputs[1], 30 * 30), (result.outputs[3], 10 * 30)] {
            #expect(output.frames > 1)
            guard let header = try await Tool.vipsHeader(output.path) else { continue }
            #expect(header["n-pages"] == "\(output.frames)")
            #expect(header["width"] == "\(output.width)" && header["height"] == "\(output.height)")
            // Frames that look alike are joined by the encoder; the time they take together stays.
            let delays = (header["delay"] ?? "").split(separator: " ").compactMap { Int($0) }
            #expect(delays.reduce(0, +) == milliseconds)
        }
    }

    @Test("a bomb is refused by its header, in both places", arguments: isolations)
    func bomb(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        await #expect(throws: MediaError(.tooLarge, "The image has 64250 × 64250 pixels; 50 million are allowed.")) {
            try await run("bomb-64250px.jpg", .standard, in: directory, isolation)
        }
        #expect(directory.contents.isEmpty)
    }

    @Test("the bomb's progressive cap holds where the pixel cap is lifted", arguments: isolations)
    func progressiveBomb(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        var limits = MediaLimits()
        limits.maxPixels = 10_000_000_000
        let error = await #expect(throws: MediaError.self) {
            try await run("bomb-64250px.jpg", .standard, in: directory, isolation, limits: limits)
        }
        #expect(error?.code == .tooLarge && error?.message.contains("progressive") == true)
    }

    @Test("a child that decodes the bomb after all dies of its memory limit, not of the machine's")
    func bombInSmallMemory() async throws {
        let directory = try TemporaryDirectory()
        var limits = MediaLimits()
        limits.maxPixels = 10_000_000_000
        limits.maxProgressivePixels = 10_000_000_000
        limits.deadline = 60
        let error = await #expect(throws: MediaError.self) {
            try await run("bomb-64250px.jpg", .standard, in: directory, .childProcess(), limits: limits)
        }
        #expect(error == VipsText.outOfMemory && error?.isPermanent == true)
        #expect(directory.contents.isEmpty)
    }

    @Test("a truncated JPEG fails for good, with words for people, and leaves nothing", arguments: isolations)
    func truncated(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let expected = MediaError(.corruptInput, "The JPEG ends too early: the file is truncated.")
        #expect(expected.isPermanent)
        await #expect(throws: expected) { try await run("truncated.jpg", .standard, in: directory, isolation) }
        #expect(directory.contents.isEmpty)
    }

    @Test(
        "what is no image is refused",
        arguments: ["truncated.mp4", "cover-art.mp3", "no-duration.webm", "README.md"]
    )
    func noImage(name: String) async throws {
        let directory = try TemporaryDirectory()
        let error = await #expect(throws: MediaError.self) { try await run(name, .standard, in: directory) }
        #expect(error?.code == .unsupportedFormat && error?.isPermanent == true)
    }

    @Test("an animation counts with all its frames")
    func animationPixels() async throws {
        let directory = try TemporaryDirectory()
        var limits = MediaLimits()
        limits.maxPixels = 80 * 80 * 29
        let error = await #expect(throws: MediaError.self) {
            try await run("animated.gif", .standard, in: directory, limits: limits)
        }
        #expect(error?.code == .tooLarge)
    }
}
