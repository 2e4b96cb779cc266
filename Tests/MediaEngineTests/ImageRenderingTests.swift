import Foundation
import Testing

@testable import MediaEngine

/// What the renderer does with generated pixels.
@Suite struct ImageRenderingTests {
    @Test("transparent parts become the background in JPEG and stay transparent elsewhere")
    func background() throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(64, 64, .rgba8) { x, _ in x < 32 ? [0, 0, 0, 0] : [10, 200, 30, 255] }
        let variant = ImageVariant(
            "v",
            formats: ImageVariant.Format.allCases,
            quality: 95,
            background: .init(red: 250, green: 120, blue: 10)
        )
        let result = try Pictures.render(frame, ImagePreset(variants: [variant]), in: directory)
        for output in result.outputs {
            let left = try Pictures.pixel(output.path, x: 8, y: 32)
            if output.format == .jpeg {
                #expect(zip(left, [250, 120, 10] as [UInt8]).allSatisfy { abs(Int($0) - Int($1)) < 8 }, "\(left)")
            } else {
                #expect(left.count == 4 && left[3] < 8, "\(output.format)")
            }
            let right = try Pictures.pixel(output.path, x: 56, y: 32)
            #expect(zip(right, [10, 200, 30] as [UInt8]).allSatisfy { abs(Int($0) - Int($1)) < 12 }, "\(right)")
        }
    }

    @Test("colours of transparent pixels do not bleed when scaling")
    func premultiplied() throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(64, 64, .rgba8) { x, _ in x % 2 == 0 ? [255, 0, 0, 0] : [0, 0, 255, 255] }
        let variant = ImageVariant("v", width: 16, formats: [.png])
        let output = try Pictures.render(frame, ImagePreset(variants: [variant]), in: directory).outputs[0]
        let pixel = try Pictures.pixel(output.path, x: 8, y: 8)
        #expect(pixel[0] < 8 && pixel[2] > 247, "\(pixel)")
    }

    @Test("a small image is not enlarged unless asked for")
    func upscaling() throws {
        let directory = try TemporaryDirectory()
        let preset = ImagePreset(variants: [
            ImageVariant("as-is", width: 300, height: 300, formats: [.png]),
            ImageVariant("larger", width: 300, height: 300, allowsUpscaling: true, formats: [.png]),
        ])
        let result = try Pictures.render(try Pictures.stripes(90, 60), preset, in: directory)
        #expect(result.outputs.map(\.width) == [90, 300])
        #expect(try Pictures.read(result.outputs[0].path).width == 90)
        #expect(try Pictures.read(result.outputs[1].path).height == 200)
    }

    @Test("cover keeps what its crop says")
    func crops() throws {
        let directory = try TemporaryDirectory()
        let crops: [(String, ImageVariant.Crop, [UInt8])] = [
            ("west", .gravity(.west), [255, 0, 0]), ("center", .gravity(.center), [0, 255, 0]),
            ("east", .gravity(.east), [0, 0, 255]), ("point", .focalPoint(x: 0.9, y: 0.5), [0, 0, 255]),
        ]
        let variants = crops.map {
            ImageVariant($0.0, width: 50, height: 50, fit: .cover, crop: $0.1, formats: [.png])
        }
        let result = try Pictures.render(try Pictures.stripes(600, 200), ImagePreset(variants: variants), in: directory)
        for (crop, output) in zip(crops, result.outputs) {
            #expect(try Pictures.pixel(output.path, x: 25, y: 25) == crop.2, "\(crop.0)")
        }
    }

    @Test("attention and entropy find the only thing there is", arguments: [ImageVariant.Crop.attention, .entropy])
    func interesting(crop: ImageVariant.Crop) throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(400, 100) { x, y in
            x >= 300 && x < 360 && y > 20 && y < 80 ? [UInt8(x * 7 % 256), UInt8(y * 13 % 256), 40] : [128, 128, 128]
        }
        let variant = ImageVariant("v", width: 100, height: 100, fit: .cover, crop: crop, formats: [.png])
        let output = try Pictures.render(frame, ImagePreset(variants: [variant]), in: directory).outputs[0]
        #expect(Set(try Pictures.read(output.path).samples).count > 20)
    }

    @Test("contain fills up with the background")
    func contain() throws {
        let directory = try TemporaryDirectory()
        let variant = ImageVariant(
            "v",
            width: 100,
            height: 100,
            fit: .contain,
            formats: [.png],
            background: .init(red: 1, green: 2, blue: 3)
        )
        let frame = try Pictures.frame(400, 100) { _, _ in [200, 200, 200] }
        let output = try Pictures.render(frame, ImagePreset(variants: [variant]), in: directory).outputs[0]
        #expect((output.width, output.height) == (100, 100))
        #expect(try Pictures.pixel(output.path, x: 50, y: 5) == [1, 2, 3])
        #expect(try Pictures.pixel(output.path, x: 50, y: 50) == [200, 200, 200])
    }

    @Test("sharpening raises an edge's contrast")
    func sharpen() throws {
        let directory = try TemporaryDirectory()
        let frame = try Pictures.frame(100, 20) { x, _ in
            Array(repeating: UInt8(min(max((x - 45) * 25, 60), 190)), count: 3)
        }
        let preset = ImagePreset(variants: [
            ImageVariant("plain", formats: [.png]), ImageVariant("sharp", formats: [.png], sharpen: 1.5),
        ])
        let result = try Pictures.render(frame, preset, in: directory)
        let ranges = try result.outputs.map { output in
            let samples = try Pictures.read(output.path).samples
            return Int(samples.max() ?? 0) - Int(samples.min() ?? 0)
        }
        #expect(ranges[1] > ranges[0])
    }

    @Test("every format begins with its own signature", arguments: ImageVariant.Format.allCases)
    func signatures(format: ImageVariant.Format) throws {
        let directory = try TemporaryDirectory()
        let path = try Pictures.write(try Pictures.stripes(30, 30), as: format, in: directory)
        let bytes = try InputFile.start(of: path, count: 64).bytes
        let expected: ImageFormat =
            switch format {
            case .jpeg: .jpeg
            case .png: .png
            case .webp: .webp
            case .avif: .heif
            }
        #expect(ImageFormat(sniffing: bytes) == expected)
    }

    @Test("a progress of 1 comes last, and none falls")
    func progress() async throws {
        let directory = try TemporaryDirectory()
        let input = try Pictures.write(try Pictures.stripes(900, 600), as: .jpeg, in: directory)
        let seen = Recorder<MediaProgress>()
        let job = ImageJob(input: input, outputDirectory: directory.path + "/out", preset: .standard)
        _ = try await MediaEngine(isolation: .inProcess).run(.image(job)) { seen.add($0) }
        let fractions = seen.all.map(\.fraction)
        #expect(fractions == fractions.sorted() && fractions.last == 1 && fractions.count > 4)
    }
}
