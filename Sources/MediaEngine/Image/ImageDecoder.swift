internal import CVips

/// Upright sRGB pixels in memory, without metadata: what variants are made from.
struct DecodedImage {
    /// One image per frame that is used; never empty.
    let frames: [VipsImage]
    /// How an animation plays.
    let timing: AnimationTiming
}

/// Decodes an image as small as its variants allow.
struct ImageDecoder {
    let cancellation: CancellationFlag
    /// Gets 0…1.
    let progress: @Sendable (Double) -> Void

    /// Decodes `source`, scaled down to no less than `width` × `height`, its first `frames` frames.
    ///
    /// The scaling starts in the decoders of JPEG and WebP (1/2, 1/4, 1/8), which costs a fraction of decoding all pixels, and goes on
    /// while rows stream in, so that the full image never lies in memory.
    func decode(_ source: ImageSource, width: Int, height: Int, frames: Int) throws(MediaError) -> DecodedImage {
        do {
            guard frames > 1 else {
                let still = try decodeStill(source, width: width, height: height)
                return DecodedImage(frames: [still], timing: AnimationTiming(delays: [], loop: 0))
            }
            return try decodeFrames(source, width: width, height: height, frames: frames)
        } catch {
            if let reason = cancellation.reason { throw reason }
            throw source.decodingError(error)
        }
    }

    /// Takes over a frame of a video.
    func take(_ frame: PixelFrame) throws(MediaError) -> DecodedImage {
        do {
            let image = try VipsImage.pixels(of: frame)
            return DecodedImage(frames: [image], timing: AnimationTiming(delays: [], loop: 0))
        } catch {
            throw error.text.renderingError(of: "poster frame")
        }
    }

    private func decodeStill(_ source: ImageSource, width: Int, height: Int) throws(VipsFailure) -> VipsImage {
        let (fileWidth, fileHeight) = source.isTurned ? (height, width) : (width, height)
        let (fullWidth, fullHeight) = source.isTurned ? (source.height, source.width) : (source.width, source.height)
        let canShrink = source.format == .jpeg || source.format == .webp
        let shrink = canShrink ? Self.shrink((fullWidth, fullHeight), to: (fileWidth, fileHeight)) : 1
        let decoded = try VipsImage.open(source.path, format: source.format, shrink: shrink)
            .resized(width: fileWidth, height: fileHeight)
            .inSRGB()
            .computed(Watcher(cancellation, report: progress))
        let upright = try decoded.upright()
        // Turning reads columns, which needs the pixels in memory before, and they are read often after.
        let turned = decoded.info.orientation > 1 ? try upright.computed(Watcher(cancellation)) : upright
        return try turned.withoutMetadata()
    }

    private func decodeFrames(
        _ source: ImageSource,
        width: Int,
        height: Int,
        frames: Int
    ) throws(VipsFailure) -> DecodedImage {
        let opened = try VipsImage.open(source.path, format: source.format, frames: frames)
        let timing = opened.timing
        let all = try opened.inSRGB().computed(Watcher(cancellation, report: progress)).withoutMetadata()
        var images: [VipsImage] = []
        for index in 0..<min(frames, all.height / source.height) {
            let area = PixelArea(
                left: 0,
                top: index * source.height,
                width: source.width,
                height: source.height
            )
            images.append(
                try all.cropped(area).resized(width: width, height: height).computed(Watcher(cancellation))
            )
        }
        return DecodedImage(frames: images, timing: timing)
    }

    /// The largest factor of a decoder's own scaling that leaves at least the wanted size.
    static func shrink(_ full: (width: Int, height: Int), to wanted: (width: Int, height: Int)) -> Int {
        for factor in [8, 4, 2] where full.width / factor >= wanted.width && full.height / factor >= wanted.height {
            return factor
        }
        return 1
    }
}
