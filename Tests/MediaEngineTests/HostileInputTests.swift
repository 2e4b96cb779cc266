import Foundation
import Testing

@testable import MediaEngine

/// Files that are not what they say, and jobs that make no sense.
@Suite struct HostileInputTests {
    static let isolations: [MediaEngine.Isolation] = [.inProcess, .childProcess()]

    private func failure(
        of input: String,
        in directory: TemporaryDirectory,
        _ isolation: MediaEngine.Isolation = .inProcess,
        limits: MediaLimits = MediaLimits(),
        preset: ImagePreset = .standard
    ) async -> MediaError? {
        let job = ImageJob(input: input, outputDirectory: directory.path + "/out", preset: preset)
        let error = await #expect(throws: MediaError.self) {
            try await MediaEngine(isolation: isolation, limits: limits).run(.image(job))
        }
        // Whatever the reason: no path in it, and no file left.
        #expect(error?.message.contains(directory.path) == false && error?.message.contains("/") == false)
        #expect(directory.contents.filter { $0.hasPrefix("out/") }.isEmpty)
        return error
    }

    @Test("a format that is not accepted is refused whatever its name", arguments: isolations)
    func renamed(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let texts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"file:///etc/passwd\"/></svg>", "%PDF-1.7\n",
            "P6\n10 10\n255\n", "#EXTM3U\n", "push graphic-context\nviewbox 0 0 640 480\n", "\u{1}", "{}",
        ]
        for text in texts {
            let input = try directory.write(Array(text.utf8), as: "photo.jpg")
            #expect(await failure(of: input, in: directory, isolation)?.code == .unsupportedFormat)
        }
    }

    @Test("the right signature on rubbish is damage, for every format", arguments: ImageFormat.allCases)
    func rubbish(format: ImageFormat) async throws {
        let signatures: [ImageFormat: [UInt8]] = [
            .jpeg: [0xFF, 0xD8, 0xFF, 0xE0], .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
            .gif: Array("GIF89a".utf8), .tiff: [0x49, 0x49, 0x2A, 0x00], .webp: Array("RIFF....WEBP".utf8),
            .heif: Array("....ftypheic".utf8),
        ]
        let directory = try TemporaryDirectory()
        var noise = SystemRandomNumberGenerator()
        let rest = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &noise) }
        let input = try directory.write(try #require(signatures[format]) + rest, as: "x")
        var limits = MediaLimits()
        limits.allowHEIF = true
        let error = await failure(of: input, in: directory, .childProcess(), limits: limits)
        // Noise may by chance announce huge sizes; it never becomes an image, and is never worth a retry.
        #expect(error?.isPermanent == true, "\(String(describing: error))")
    }

    @Test("every format that is cut off half way fails for good", arguments: ImageVariant.Format.allCases)
    func truncated(format: ImageVariant.Format) async throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(400, 300) { x, y in
            [UInt8(x * y % 251), UInt8((x * 7 + y * 3) % 253), UInt8((x ^ y) & 255)]
        }
        let whole = try Pictures.write(frame, as: format, in: directory)
        let bytes = try Data(contentsOf: URL(filePath: whole))
        let input = try directory.write(bytes.prefix(bytes.count / 2), as: "half")
        var limits = MediaLimits()
        limits.allowHEIF = true
        let error = await failure(of: input, in: directory, limits: limits)
        #expect(error?.code == .corruptInput && error?.isPermanent == true, "\(String(describing: error))")
    }

    @Test("AVIF and HEIC are read only where that is allowed")
    func heif() async throws {
        let directory = try TemporaryDirectory()
        let input = try Pictures.write(try Pictures.stripes(60, 40), as: .avif, in: directory)
        #expect(await failure(of: input, in: directory)?.code == .notAllowed)
        var limits = MediaLimits()
        limits.allowHEIF = true
        let job = ImageJob(input: input, outputDirectory: directory.path + "/out", preset: .standard)
        guard case .image(let result) = try await MediaEngine(limits: limits).run(.image(job)) else {
            Issue.record("not an image result")
            return
        }
        #expect(result.inputFormat == "heif" && result.outputs[0].width == 60)
    }

    @Test("what is no file is refused without waiting for it", arguments: isolations)
    func noFile(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        for input in [directory.path + "/missing", pipe, directory.path, "/dev/zero"] {
            #expect(await failure(of: input, in: directory, isolation)?.code == .inputUnreadable)
        }
        let empty = try directory.write([], as: "empty.jpg")
        #expect(await failure(of: empty, in: directory, isolation)?.code == .corruptInput)
    }

    @Test("limits on file size, frames and output hold")
    func limits() async throws {
        let directory = try TemporaryDirectory()
        let input = try Pictures.write(try Pictures.stripes(300, 200), as: .jpeg, in: directory)
        var small = MediaLimits()
        small.maxImageBytes = 100
        #expect(await failure(of: input, in: directory, limits: small)?.code == .tooLarge)
        small = MediaLimits()
        small.maxPixels = 59_999
        #expect(await failure(of: input, in: directory, limits: small)?.code == .tooLarge)
        small = MediaLimits()
        small.maxOutputBytes = 500
        for isolation in Self.isolations {
            #expect(await failure(of: input, in: directory, isolation, limits: small)?.code == .limitExceeded)
        }
    }

    @Test("an output that would be beyond its format or the pixel limit is refused before decoding")
    func outputSizes() async throws {
        let directory = try TemporaryDirectory()
        let input = try Pictures.write(try Pictures.stripes(300, 1), as: .png, in: directory)
        let long = ImageVariant("v", height: 100, allowsUpscaling: true, formats: [.webp])
        #expect(await failure(of: input, in: directory, preset: ImagePreset(variants: [long]))?.code == .tooLarge)
        let large = ImageVariant("v", width: 16_383, height: 16_383, fit: .fill, allowsUpscaling: true)
        #expect(await failure(of: input, in: directory, preset: ImagePreset(variants: [large]))?.code == .tooLarge)
    }

    static let senseless: [ImageVariant] = [
        ImageVariant(""), ImageVariant("../up"), ImageVariant("a/b"), ImageVariant(".hidden"), ImageVariant("ä"),
        ImageVariant(String(repeating: "a", count: 65)), ImageVariant("v", width: 0), ImageVariant("v", height: -1),
        ImageVariant("v", width: 20_000), ImageVariant("v", formats: []), ImageVariant("v", formats: [.png, .png]),
        ImageVariant("v", quality: 0), ImageVariant("v", quality: 101), ImageVariant("v", sharpen: .nan),
        ImageVariant("v", sharpen: 3), ImageVariant("v", crop: .focalPoint(x: 2, y: 0)),
        ImageVariant("v", animation: .keep(maxFrames: 0)),
    ]

    @Test("a variant that makes no sense is refused before anything runs", arguments: senseless.indices)
    func nonsense(index: Int) {
        let error = #expect(throws: MediaError.self) { try ImagePreset(variants: [Self.senseless[index]]).validate() }
        #expect(error?.code == .invalidJob && error?.isPermanent == true)
    }

    @Test("a preset needs variants, with different names, and a placeholder that exists")
    func presets() {
        let twice = [ImageVariant("v"), ImageVariant("v")]
        #expect(throws: MediaError.self) { try ImagePreset(variants: []).validate() }
        #expect(throws: MediaError.self) { try ImagePreset(variants: twice).validate() }
        #expect(throws: MediaError.self) {
            try ImagePreset(variants: [ImageVariant("v")], placeholder: .blurHash(x: 0, y: 3)).validate()
        }
        #expect(throws: Never.self) { try ImagePreset.standard.validate() }
    }
}
