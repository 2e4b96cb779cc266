import Testing

@testable import MediaEngine

/// Pixels made for tests, and pixels read back from files.
enum Pictures {
    /// A frame whose pixels a closure chooses.
    static func frame(
        _ width: Int,
        _ height: Int,
        _ format: PixelFrame.Format = .rgb8,
        _ pixel: (Int, Int) -> [UInt8]
    ) throws -> PixelFrame {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * format.bytesPerPixel)
        for y in 0..<height {
            for x in 0..<width { bytes += pixel(x, y) }
        }
        return try #require(
            PixelFrame(
                width: width,
                height: height,
                stride: width * format.bytesPerPixel,
                format: format,
                bytes: bytes
            )
        )
    }

    /// Red at the left, green in the middle third, blue at the right.
    static func stripes(_ width: Int, _ height: Int) throws -> PixelFrame {
        try frame(width, height) { x, _ in
            [x * 3 < width ? 255 : 0, (1...1).contains(x * 3 / width) ? 255 : 0, x * 3 >= 2 * width ? 255 : 0]
        }
    }

    /// Writes a frame as a file of one format, through the renderer.
    static func write(
        _ frame: PixelFrame,
        as format: ImageVariant.Format,
        in directory: TemporaryDirectory,
        name: String = "generated"
    ) throws -> String {
        let preset = ImagePreset(variants: [ImageVariant(name, formats: [format], quality: 95)], placeholder: nil)
        return try render(frame, preset, in: directory).outputs[0].path
    }

    /// Renders a frame on this thread.
    static func render(
        _ frame: PixelFrame,
        _ preset: ImagePreset,
        in directory: TemporaryDirectory
    ) throws -> ImageResult {
        try ImageProcessor(limits: MediaLimits(), cancellation: CancellationFlag(), progress: { _ in })
            .process(frame: frame, preset: preset, directory: directory.path)
    }

    /// The pixels of a file, as the library reads them.
    static func read(_ path: String) throws -> (width: Int, height: Int, bands: Int, samples: [UInt8]) {
        try VipsLibrary.start()
        let start = try InputFile.start(of: path, count: ImageFormat.sniffLength)
        let format = try #require(ImageFormat(sniffing: start.bytes))
        let image = try VipsImage.open(path, format: format)
        let samples = try image.samples()
        return (image.width, image.height, samples.count / (image.width * image.height), samples)
    }

    /// The pixel of a file at a point.
    static func pixel(_ path: String, x: Int, y: Int) throws -> [UInt8] {
        let picture = try read(path)
        let at = (y * picture.width + x) * picture.bands
        return Array(picture.samples[at..<at + picture.bands])
    }

    /// Mean absolute difference of two files' samples, 0…255; both must have one size.
    static func difference(_ one: String, _ other: String) throws -> Double {
        let (a, b) = (try read(one), try read(other))
        try #require(a.width == b.width && a.height == b.height && a.bands == b.bands)
        // Every 31st sample: enough to tell pictures apart, and quick without optimisation.
        let at = Array(stride(from: 0, to: a.samples.count, by: 31))
        let sum = at.reduce(0) { $0 + abs(Int(a.samples[$1]) - Int(b.samples[$1])) }
        return Double(sum) / Double(at.count)
    }
}
