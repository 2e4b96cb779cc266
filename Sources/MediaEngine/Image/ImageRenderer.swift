internal import CVips

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Makes the files of a preset from decoded pixels.
///
/// Variants are made from the largest to the smallest, each from the smallest image at hand that is at least twice as
/// large, so that the many pixels are touched once.
struct ImageRenderer {
    let preset: ImagePreset
    /// The local directory the files are written into.
    let directory: String
    let limits: MediaLimits
    let cancellation: CancellationFlag
    /// Gets 0…1 and what is being made.
    let progress: @Sendable (Double, String) -> Void

    /// Writes every variant in every format.
    ///
    /// - Parameters:
    ///   - image: the pixels, no smaller than the largest variant needs.
    ///   - size: the upright source's size, which decides the variants' sizes.
    /// - Returns: the outputs in the order of the preset, and the placeholder.
    func render(
        _ image: DecodedImage,
        of size: (width: Int, height: Int)
    ) throws(MediaError) -> (outputs: [ImageOutput], placeholder: String?) {
        let plans = preset.variants.map {
            VariantGeometry($0, sourceWidth: size.width, sourceHeight: size.height)
        }
        let order = plans.indices.sorted { plans[$0].scaledWidth > plans[$1].scaledWidth }
        var levels = ScaledLevels(image.frames[0])
        var outputs = [[ImageOutput]](repeating: [], count: plans.count)
        var written = 0
        for (position, index) in order.enumerated() {
            let variant = preset.variants[index]
            let start = Double(position) / Double(order.count)
            progress(start, variant.name)
            do {
                outputs[index] = try files(of: variant, plan: plans[index], image: image, levels: &levels)
            } catch {
                if let reason = cancellation.reason { throw reason }
                throw error.text.renderingError(of: "variant '\(variant.name)'")
            }
            written += outputs[index].reduce(0) { $0 + $1.byteCount }
            guard written <= limits.maxOutputBytes else {
                throw MediaError(
                    .limitExceeded,
                    "The outputs have more than the allowed \(limits.maxOutputBytes) bytes."
                )
            }
            try cancellation.check()
        }
        do {
            return (outputs.flatMap(\.self), try placeholder(from: levels))
        } catch {
            throw error.text.renderingError(of: "placeholder")
        }
    }

    private func files(
        of variant: ImageVariant,
        plan: VariantGeometry,
        image: DecodedImage,
        levels: inout ScaledLevels
    ) throws(VipsFailure) -> [ImageOutput] {
        let animated = variant.keptFrames(of: image.frames.count) > 1
        let still = try picture(of: variant, plan: plan, scaled: levels.image(for: plan, cancellation), window: nil)
        var outputs: [ImageOutput] = []
        for format in variant.formats {
            let moving = animated && format.canAnimate
            let picture = moving ? try animation(of: variant, plan: plan, image: image) : still
            let path = "\(directory)/\(variant.fileName(format))"
            try (format.hasTransparency ? picture : picture.flattened(on: variant.background))
                .save(to: path, format: format, quality: variant.quality(for: format), watcher: Watcher(cancellation))
            outputs.append(
                ImageOutput(
                    variant: variant.name,
                    path: path,
                    format: format,
                    width: plan.width,
                    height: plan.height,
                    // Frames that look alike become one that stays longer.
                    frames: moving ? Int(try VipsImage.open(path, format: .webp).info.pages) : 1,
                    byteCount: OutputFile.size(of: path)
                )
            )
        }
        return outputs
    }

    /// The variant's pixels from the whole scaled image, in memory.
    private func picture(
        of variant: ImageVariant,
        plan: VariantGeometry,
        scaled: VipsImage,
        window: PixelArea?
    ) throws(VipsFailure) -> VipsImage {
        var picture = scaled
        if plan.width > plan.scaledWidth || plan.height > plan.scaledHeight {
            picture = try picture.padded(width: plan.width, height: plan.height, color: variant.background)
        } else if plan.width < plan.scaledWidth || plan.height < plan.scaledHeight {
            let area: PixelArea = if let window { window } else { try cropWindow(of: variant, plan: plan, in: scaled) }
            picture = try picture.cropped(area)
        }
        if variant.sharpen > 0 { picture = try picture.sharpened(sigma: variant.sharpen) }
        // One format streams its pixels into the encoder; several would compute them again each.
        return variant.formats.count > 1 ? try picture.computed(Watcher(cancellation)) : picture
    }

    private func cropWindow(
        of variant: ImageVariant,
        plan: VariantGeometry,
        in scaled: VipsImage
    ) throws(VipsFailure) -> PixelArea {
        if let area = plan.fixedArea(variant.crop) { return area }
        return try scaled.findCrop(width: plan.width, height: plan.height, byAttention: variant.crop == .attention)
    }

    /// The frames, all cut at the place that suits the first, so that the picture does not jump.
    private func animation(
        of variant: ImageVariant,
        plan: VariantGeometry,
        image: DecodedImage
    ) throws(VipsFailure) -> VipsImage {
        var frames: [VipsImage] = []
        var window: PixelArea?
        for frame in image.frames.prefix(variant.keptFrames(of: image.frames.count)) {
            let scaled = try frame.resized(width: plan.scaledWidth, height: plan.scaledHeight)
                .computed(Watcher(cancellation))
            if window == nil, plan.width < plan.scaledWidth || plan.height < plan.scaledHeight {
                window = try cropWindow(of: variant, plan: plan, in: scaled)
            }
            frames.append(
                try picture(of: variant, plan: plan, scaled: scaled, window: window).computed(Watcher(cancellation))
            )
        }
        return try .animation(frames, timing: image.timing)
    }

    private func placeholder(from levels: ScaledLevels) throws(VipsFailure) -> String? {
        switch preset.placeholder {
        case nil: return nil
        case .blurHash(let x, let y):
            let small = try levels.smallest(longerSide: 32).flattened(on: .white)
            return BlurHash.encode(rgb: try small.samples(), width: small.width, height: small.height, x: x, y: y)
        case .dataURL(let size):
            let bytes = try levels.smallest(longerSide: size).webp(quality: 40)
            return "data:image/webp;base64," + Data(bytes).base64EncodedString()
        }
    }
}
