internal import CFFmpeg

/// Turns a decoded frame into pixels as they are shown: upright, square, sRGB, of the size that is wanted.
struct FrameRenderer {
    let geometry: DisplayGeometry
    /// Most pixels on the longer side; smaller pictures keep their size.
    let maxDimension: Int?
    let cancellation: CancellationFlag

    /// - Throws: `corruptInput`, `unsupportedFormat`, `limitExceeded`, `cancelled`, `timedOut`.
    func render(_ frame: VideoFrame) throws(MediaError) -> PixelFrame {
        try cancellation.check()
        let info = frame.info
        let (width, height) = try scaledSize(of: info)
        let packed: (bytes: [UInt8], stride: Int)
        let format: PixelFrame.Format
        if let range = HighDynamicRange(transfer: info.transfer.map { String(cString: $0) }) {
            format = .rgb8
            packed = try toneMapped(frame, info, range, width, height)
        } else {
            format = info.has_alpha ? .rgba8 : .rgb8
            packed = try frame.pixels(info.has_alpha ? CFFMPEG_RGBA8 : CFFMPEG_RGB8, width: width, height: height)
        }
        return try turned(packed, width, height, format, frame.time)
    }

    /// The size before turning, with square pixels and within `maxDimension`.
    private func scaledSize(of info: CFFmpegFrameInfo) throws(MediaError) -> (width: Int, height: Int) {
        guard info.width > 0, info.height > 0 else {
            throw MediaError(.corruptInput, "The video has an empty picture.")
        }
        var unturned = geometry
        unturned.swapsAxes = false
        let full = unturned.displaySize(width: Int(info.width), height: Int(info.height))
        guard let maxDimension, max(full.width, full.height) > max(maxDimension, 1) else { return full }
        let scale = Double(max(maxDimension, 1)) / Double(max(full.width, full.height))
        return (
            max(1, Int((Double(full.width) * scale).rounded())), max(1, Int((Double(full.height) * scale).rounded()))
        )
    }

    private func toneMapped(
        _ frame: VideoFrame,
        _ info: CFFmpegFrameInfo,
        _ range: HighDynamicRange,
        _ width: Int,
        _ height: Int
    ) throws(MediaError) -> (bytes: [UInt8], stride: Int) {
        let wide = try frame.pixels(CFFMPEG_RGB16, width: width, height: height)
        let samples = wide.bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt16.self)) }
        let primaries = info.primaries.map { String(cString: $0) }
        let bytes = range.toneMap(
            samples,
            width: width,
            height: height,
            stride: wide.stride / 2,
            isWideGamut: primaries == nil || primaries == "bt2020",
            shouldStop: { cancellation.isRaised }
        )
        return (bytes, width * 3)
    }

    private func turned(
        _ packed: (bytes: [UInt8], stride: Int),
        _ width: Int,
        _ height: Int,
        _ format: PixelFrame.Format,
        _ time: Double?
    ) throws(MediaError) -> PixelFrame {
        var (bytes, stride) = packed
        var (shownWidth, shownHeight) = (width, height)
        if !geometry.isIdentity {
            bytes = geometry.apply(
                to: bytes,
                width: width,
                height: height,
                stride: stride,
                bytesPerPixel: format.bytesPerPixel,
                shouldStop: { cancellation.isRaised }
            )
            if geometry.swapsAxes { (shownWidth, shownHeight) = (height, width) }
            stride = shownWidth * format.bytesPerPixel
        }
        try cancellation.check()
        let frame = PixelFrame(
            width: shownWidth,
            height: shownHeight,
            stride: stride,
            format: format,
            bytes: bytes,
            time: time
        )
        guard let frame else { throw MediaError(.tooLarge, "The picture is too large to be shown.") }
        return frame
    }
}
