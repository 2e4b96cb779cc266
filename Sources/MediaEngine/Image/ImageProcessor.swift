/// Runs image work on the calling thread.
struct ImageProcessor {
    let limits: MediaLimits
    let cancellation: CancellationFlag
    let progress: @Sendable (MediaProgress) -> Void

    /// Makes the variants of an image file, in `directory`.
    func process(path: String, preset: ImagePreset, directory: String) throws(MediaError) -> ImageResult {
        try preset.validate()
        try VipsLibrary.start()
        progress(MediaProgress(0, .inspect))
        let source = try ImageSource(path: path, limits: limits)
        let needed = try neededSize(preset, width: source.width, height: source.height)
        let frames = preset.variants.map { $0.keptFrames(of: source.frames) }.max() ?? 1
        let decoder = ImageDecoder(cancellation: cancellation) { [progress] fraction in
            progress(MediaProgress(0.02 + 0.48 * fraction, .decode))
        }
        try cancellation.check()
        let lostBefore = VipsLibrary.lostPixels
        let image = try decoder.decode(source, width: needed.width, height: needed.height, frames: frames)
        try cancellation.check()
        if VipsLibrary.lostPixels.other > lostBefore.other, VipsLibrary.lostPixels.memory == lostBefore.memory {
            throw source.decodingError(VipsFailure(text: VipsText("")))
        }
        let (outputs, placeholder) = try renderer(preset, directory).render(
            image,
            of: (source.width, source.height)
        )
        guard VipsLibrary.lostPixels.memory == lostBefore.memory else { throw VipsText.outOfMemory }
        return ImageResult(
            inputFormat: source.format.rawValue,
            inputWidth: source.width,
            inputHeight: source.height,
            inputFrames: source.frames,
            outputs: outputs,
            placeholder: placeholder
        )
    }

    /// Makes the variants of a frame of a video, in `directory`.
    func process(frame: PixelFrame, preset: ImagePreset, directory: String) throws(MediaError) -> ImageResult {
        try preset.validate()
        try VipsLibrary.start()
        _ = try neededSize(preset, width: frame.width, height: frame.height)
        let lostBefore = VipsLibrary.lostPixels
        let image = try ImageDecoder(cancellation: cancellation, progress: { _ in }).take(frame)
        let (outputs, placeholder) = try renderer(preset, directory).render(image, of: (frame.width, frame.height))
        guard VipsLibrary.lostPixels.memory == lostBefore.memory else { throw VipsText.outOfMemory }
        return ImageResult(
            inputFormat: "frame",
            inputWidth: frame.width,
            inputHeight: frame.height,
            inputFrames: 1,
            outputs: outputs,
            placeholder: placeholder
        )
    }

    private func renderer(_ preset: ImagePreset, _ directory: String) -> ImageRenderer {
        ImageRenderer(preset: preset, directory: directory, limits: limits, cancellation: cancellation) {
            [progress] fraction, name in
            progress(MediaProgress(0.5 + 0.48 * fraction, .render, name))
        }
    }

    /// Checks what the variants' sizes come to, and finds the size that all of them can be made from.
    private func neededSize(
        _ preset: ImagePreset,
        width: Int,
        height: Int
    ) throws(MediaError) -> (width: Int, height: Int) {
        let plans = preset.variants.map { VariantGeometry($0, sourceWidth: width, sourceHeight: height) }
        for (variant, plan) in zip(preset.variants, plans) {
            let longer = max(plan.width, plan.height)
            for format in variant.formats where longer > format.maxSide {
                throw MediaError(
                    .tooLarge,
                    "Variant '\(variant.name)' would be \(longer) pixels long; \(format.rawValue) holds \(format.maxSide)."
                )
            }
            guard plan.scaledWidth * plan.scaledHeight <= limits.maxPixels, plan.width * plan.height <= limits.maxPixels
            else { throw MediaError(.tooLarge, "Variant '\(variant.name)' would have too many pixels.") }
        }
        func scale(_ plan: VariantGeometry) -> Double {
            max(Double(plan.scaledWidth) / Double(width), Double(plan.scaledHeight) / Double(height))
        }
        let largest = plans.map(scale).max() ?? 1
        guard largest < 1 else { return (width, height) }
        // Exactly the size of the largest variant, so that it is not scaled again by a pixel.
        if let plan = plans.first(where: { $0.keepsShape && scale($0) == largest }) {
            return (plan.scaledWidth, plan.scaledHeight)
        }
        return (
            max(1, Int((Double(width) * largest).rounded())), max(1, Int((Double(height) * largest).rounded()))
        )
    }
}
