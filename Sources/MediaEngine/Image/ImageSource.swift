internal import CVips

/// An image file whose header was read and found within the limits. Nothing is decoded yet.
struct ImageSource {
    /// The local path.
    let path: String
    /// The format, by the file's bytes.
    let format: ImageFormat
    /// Pixels across, upright.
    let width: Int
    /// Pixels down, upright, of one frame.
    let height: Int
    /// Frames of an animation; 1 otherwise.
    let frames: Int
    /// True when the file's rows are the upright image's columns.
    let isTurned: Bool
    private let start: (bytes: [UInt8], fileSize: Int)

    /// Reads the header.
    ///
    /// - Throws: `MediaError` when the file is no image that is read here, or is beyond the limits.
    init(path: String, limits: MediaLimits) throws(MediaError) {
        let start = try InputFile.start(of: path, count: ImageFormat.sniffLength)
        guard start.fileSize <= limits.maxImageBytes else {
            throw MediaError(
                .tooLarge,
                "The image file has \(start.fileSize) bytes; \(limits.maxImageBytes) are allowed."
            )
        }
        guard !start.bytes.isEmpty else { throw MediaError(.corruptInput, "The file is empty.") }
        guard let format = ImageFormat(sniffing: start.bytes) else {
            throw MediaError(
                .unsupportedFormat,
                "The file is not an image of a known format (JPEG, PNG, WebP, GIF, TIFF\(limits.allowHEIF ? ", HEIF" : ""))."
            )
        }
        guard format != .heif || limits.allowHEIF else {
            throw MediaError(.notAllowed, "HEIC and AVIF images are not accepted here.")
        }
        let info: CVipsInfo
        do {
            info = try VipsImage.open(path, format: format).info
        } catch {
            throw error.text.decodingError(of: format, isCutOff: Self.isCutOff(path, format, start))
        }
        self.path = path
        self.start = start
        self.format = format
        isTurned = (5...8).contains(info.orientation)
        let frameHeight = Int(format.isAnimated ? info.page_height : info.height)
        (width, height) = isTurned ? (frameHeight, Int(info.width)) : (Int(info.width), frameHeight)
        frames = format.isAnimated ? max(1, Int(info.pages)) : 1
        try check(limits, isMultiscan: info.is_multiscan)
    }

    /// The error for people when decoding failed with this text.
    func decodingError(_ failure: VipsFailure) -> MediaError {
        failure.text.decodingError(of: format, isCutOff: Self.isCutOff(path, format, start))
    }

    private static func isCutOff(_ path: String, _ format: ImageFormat, _ start: (bytes: [UInt8], fileSize: Int))
        -> Bool
    {
        let end = InputFile.end(of: path, count: 64, fileSize: start.fileSize)
        return format.isCutOff(start: start.bytes, end: end, size: start.fileSize)
    }

    private func check(_ limits: MediaLimits, isMultiscan: Bool) throws(MediaError) {
        let size = "\(width) × \(height)"
        guard frames <= limits.maxFrames else {
            throw MediaError(.tooLarge, "The animation has \(frames) frames; \(limits.maxFrames) are allowed.")
        }
        let (area, overflow) = width.multipliedReportingOverflow(by: height)
        let (pixels, overflow2) = area.multipliedReportingOverflow(by: frames)
        guard !overflow, !overflow2, pixels <= limits.maxPixels else {
            let what = frames > 1 ? "\(size) pixels in \(frames) frames" : "\(size) pixels"
            throw MediaError(.tooLarge, "The image has \(what); \(limits.maxPixels.inMillions) are allowed.")
        }
        if isMultiscan, pixels > limits.maxProgressivePixels {
            throw MediaError(
                .tooLarge,
                "The progressive JPEG has \(size) pixels; \(limits.maxProgressivePixels.inMillions) are allowed."
            )
        }
    }
}

extension Int {
    /// `50 million`, `1.5 million`, `900`.
    fileprivate var inMillions: String {
        guard self >= 1_000_000 else { return String(self) }
        let tenths = self / 100_000
        return tenths % 10 == 0 ? "\(tenths / 10) million" : "\(tenths / 10).\(tenths % 10) million"
    }
}
