internal import CVips

/// One libvips image, owned. Used on one thread; every step but `compute`, `findCrop` and saving is lazy.
///
/// Steps throw `VipsFailure`, since only the caller knows whether the input or the output is to blame.
final class VipsImage {
    private let handle: OpaquePointer

    private init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { cvips_release(handle) }

    /// The image's header.
    var info: CVipsInfo {
        var info = CVipsInfo()
        cvips_info(handle, &info)
        return info
    }

    /// Pixels across.
    var width: Int { Int(info.width) }
    /// Pixels down, of all frames.
    var height: Int { Int(info.height) }
}

/// A step of libvips failed.
struct VipsFailure: Error {
    /// What libvips said.
    let text: VipsText
}

extension VipsImage {
    /// Opens a file with the loader of `format` and reads its header.
    static func open(
        _ path: String,
        format: ImageFormat,
        shrink: Int = 1,
        frames: Int = 1
    ) throws(VipsFailure) -> VipsImage {
        try make { cvips_open(path, format.loader, Int32(shrink), Int32(frames), $0) }
    }

    /// Copies a frame of a video.
    static func pixels(of frame: PixelFrame) throws(VipsFailure) -> VipsImage {
        try make { error in
            frame.bytes.withUnsafeBytes { bytes in
                cvips_from_pixels(
                    bytes.baseAddress,
                    Int32(frame.width),
                    Int32(frame.height),
                    Int32(frame.stride),
                    Int32(frame.format.bytesPerPixel),
                    error
                )
            }
        }
    }

    /// Scaled to exactly this size.
    func resized(width: Int, height: Int) throws(VipsFailure) -> VipsImage {
        if width == self.width, height == self.height { return self }
        return try .make { cvips_resize(handle, Int32(width), Int32(height), $0) }
    }

    /// In 8-bit sRGB.
    func inSRGB() throws(VipsFailure) -> VipsImage { try .make { cvips_to_srgb(handle, $0) } }

    /// Turned upright as EXIF says.
    func upright() throws(VipsFailure) -> VipsImage { try .make { cvips_autorotate(handle, $0) } }

    /// Without any metadata.
    func withoutMetadata() throws(VipsFailure) -> VipsImage { try .make { cvips_forget_metadata(handle, $0) } }

    /// With all its pixels in memory.
    func computed(_ watcher: Watcher) throws(VipsFailure) -> VipsImage {
        try .make { error in watcher.watch { cvips_compute(handle, $0, error) } }
    }

    /// A part of it, which must lie inside.
    func cropped(_ area: PixelArea) throws(VipsFailure) -> VipsImage {
        if area.left == 0, area.top == 0, area.width == width, area.height == height { return self }
        return try .make {
            cvips_crop(handle, Int32(area.left), Int32(area.top), Int32(area.width), Int32(area.height), $0)
        }
    }

    /// The most interesting part of this size.
    func findCrop(width: Int, height: Int, byAttention: Bool) throws(VipsFailure) -> PixelArea {
        var left: Int32 = 0
        var top: Int32 = 0
        var error = CVipsError()
        guard cvips_find_crop(handle, Int32(width), Int32(height), byAttention, &left, &top, &error) == CVIPS_OK
        else { throw VipsFailure(text: VipsText(error)) }
        return PixelArea(left: Int(left), top: Int(top), width: width, height: height)
    }

    /// In the middle of a larger canvas.
    func padded(width: Int, height: Int, color: ImageVariant.Color) throws(VipsFailure) -> VipsImage {
        let left = (width - self.width) / 2
        let top = (height - self.height) / 2
        return try .make {
            cvips_pad(handle, Int32(left), Int32(top), Int32(width), Int32(height), color.samples, $0)
        }
    }

    /// Without transparency, on a colour.
    func flattened(on color: ImageVariant.Color) throws(VipsFailure) -> VipsImage {
        try .make { cvips_flatten(handle, color.samples, $0) }
    }

    /// Sharpened with this radius in pixels.
    func sharpened(sigma: Double) throws(VipsFailure) -> VipsImage {
        try .make { cvips_sharpen(handle, sigma, $0) }
    }

    /// Frames of one size as an animation.
    static func animation(_ frames: [VipsImage], timing: AnimationTiming) throws(VipsFailure) -> VipsImage {
        let delays = (0..<frames.count).map { Int32(timing.delay(of: $0)) }
        let handles = frames.map { Optional($0.handle) }
        return try make { error in
            withExtendedLifetime(frames) {
                cvips_animation(handles, Int32(handles.count), delays, Int32(timing.loop), error)
            }
        }
    }

    /// How an animation plays.
    var timing: AnimationTiming {
        var loop: Int32 = 0
        var delays = [Int32](repeating: 0, count: 4096)
        let count = cvips_delays(handle, &delays, Int32(delays.count), &loop)
        return AnimationTiming(delays: delays.prefix(Int(count)).map(Int.init), loop: Int(loop))
    }

    /// Writes a file, without metadata.
    func save(
        to path: String,
        format: ImageVariant.Format,
        quality: Int,
        watcher: Watcher
    ) throws(VipsFailure) {
        var error = CVipsError()
        let status = watcher.watch {
            cvips_save(handle, path, format.saver, Int32(quality), Int32(format.effort), $0, &error)
        }
        guard status == CVIPS_OK else { throw VipsFailure(text: VipsText(error)) }
        if format == .webp, !OutputFile.rewrite(path, WebPContainer.withoutMetadata) { throw Self.notStripped }
    }

    /// The file's bytes as WebP.
    func webp(quality: Int) throws(VipsFailure) -> [UInt8] {
        let bytes = try bytes { cvips_save_webp(handle, Int32(quality), $0, $1, $2) }
        guard let clean = WebPContainer.withoutMetadata(bytes) else { throw Self.notStripped }
        return clean
    }

    private static let notStripped = VipsFailure(text: VipsText("metadata could not be removed"))

    /// The samples, row by row without gaps.
    func samples() throws(VipsFailure) -> [UInt8] {
        try bytes { cvips_pixels(handle, $0, $1, $2) }
    }

    private func bytes(
        _ body: (
            UnsafeMutablePointer<UnsafeMutableRawPointer?>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<CVipsError>
        ) -> CVipsStatus
    ) throws(VipsFailure) -> [UInt8] {
        var error = CVipsError()
        var start: UnsafeMutableRawPointer?
        var length = 0
        guard body(&start, &length, &error) == CVIPS_OK, let start else { throw VipsFailure(text: VipsText(error)) }
        defer { cvips_free(start) }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: length))
    }

    private static func make(
        _ body: (UnsafeMutablePointer<CVipsError>) -> OpaquePointer?
    ) throws(VipsFailure) -> VipsImage {
        var error = CVipsError()
        guard let handle = body(&error) else { throw VipsFailure(text: VipsText(error)) }
        return VipsImage(handle)
    }
}

extension ImageVariant.Color {
    /// The samples in the order of a pixel.
    fileprivate var samples: [Double] { [Double(red), Double(green), Double(blue)] }
}

extension ImageVariant.Format {
    fileprivate var saver: CVipsFormat {
        switch self {
        case .jpeg: CVIPS_JPEG
        case .webp: CVIPS_WEBP
        case .avif: CVIPS_HEIF
        case .png: CVIPS_PNG
        }
    }

    /// AVIF: libvips' default of 4 costs 12 times as much for 5 % of size. PNG: zlib's level.
    fileprivate var effort: Int {
        switch self {
        case .jpeg: 0
        case .webp: 4
        case .avif: 1
        case .png: 6
        }
    }
}

extension ImageFormat {
    fileprivate var loader: CVipsFormat {
        switch self {
        case .jpeg: CVIPS_JPEG
        case .png: CVIPS_PNG
        case .webp: CVIPS_WEBP
        case .gif: CVIPS_GIF
        case .tiff: CVIPS_TIFF
        case .heif: CVIPS_HEIF
        }
    }
}
