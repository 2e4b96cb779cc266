/// The whole image at the sizes made so far, all in memory, from which smaller ones are made.
struct ScaledLevels {
    private var levels: [VipsImage]

    /// Starts with the largest.
    init(_ largest: VipsImage) { levels = [largest] }

    /// The whole image scaled as planned; kept for later variants when it is smaller and not distorted.
    mutating func image(
        for plan: VariantGeometry,
        _ cancellation: CancellationFlag
    ) throws(VipsFailure) -> VipsImage {
        let (width, height) = (plan.scaledWidth, plan.scaledHeight)
        if let same = levels.first(where: { $0.width == width && $0.height == height }) { return same }
        // Less than half of a level that was itself scaled would be blurred twice at nearly one size.
        let fit = levels.filter { $0.width >= 2 * width && $0.height >= 2 * height }
        let source = fit.min { $0.width < $1.width } ?? levels[0]
        let scaled = try source.resized(width: width, height: height).computed(Watcher(cancellation))
        if plan.keepsShape, width < levels[0].width { levels.append(scaled) }
        return scaled
    }

    /// The image with this many pixels on its longer side, or fewer where it is smaller itself.
    func smallest(longerSide: Int) throws(VipsFailure) -> VipsImage {
        let source = levels.min { $0.width < $1.width } ?? levels[0]
        let scale = min(1, Double(longerSide) / Double(max(source.width, source.height)))
        return try source.resized(
            width: max(1, Int((Double(source.width) * scale).rounded())),
            height: max(1, Int((Double(source.height) * scale).rounded()))
        )
    }
}
