extension ImageVariant {
    /// The output's name in its directory.
    func fileName(_ format: Format) -> String { "\(name).\(format.fileExtension)" }

    /// The quality to encode with.
    func quality(for format: Format) -> Int { quality ?? (format == .avif ? 50 : 80) }

    /// How many frames of an image with `count` are used.
    func keptFrames(of count: Int) -> Int {
        switch animation {
        case .firstFrame: 1
        case .keep(let maxFrames): formats.contains(where: \.canAnimate) ? max(1, min(maxFrames, count)) : 1
        }
    }
}

extension ImageVariant.Format {
    /// True when libvips writes animations in it.
    var canAnimate: Bool { self == .webp }
    /// False when transparent parts need a background.
    var hasTransparency: Bool { self != .jpeg }
    /// Most pixels on a side.
    var maxSide: Int {
        switch self {
        case .jpeg: 65_500
        case .webp, .avif: 16_383
        case .png: 1_000_000
        }
    }
}
