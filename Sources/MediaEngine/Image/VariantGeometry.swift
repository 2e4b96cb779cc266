/// A rectangle of pixels.
struct PixelArea: Equatable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int
}

/// The sizes that lead from an upright image to a variant: scale the whole image, then cut or pad it.
struct VariantGeometry: Equatable {
    /// The whole image's size after scaling.
    var scaledWidth: Int
    var scaledHeight: Int
    /// The variant's size: smaller than the scaled image where it is cut, larger where it is padded.
    var width: Int
    var height: Int
    /// False when the image is distorted, so that no other variant may be made from it.
    var keepsShape = true

    /// Works out the sizes of `variant` for an image of `sourceWidth` × `sourceHeight`.
    init(_ variant: ImageVariant, sourceWidth: Int, sourceHeight: Int) {
        let across = variant.width.map { Double($0) / Double(sourceWidth) }
        let down = variant.height.map { Double($0) / Double(sourceHeight) }
        let limit = variant.allowsUpscaling ? Double.infinity : 1
        func scaled(by scale: Double) -> (Int, Int) {
            (Self.pixels(Double(sourceWidth) * scale), Self.pixels(Double(sourceHeight) * scale))
        }

        guard let boxWidth = variant.width, let boxHeight = variant.height, let across, let down else {
            // With one side or none given there is no box to fill: every fit keeps the shape.
            (scaledWidth, scaledHeight) = scaled(by: min(across ?? down ?? 1, limit))
            (width, height) = (scaledWidth, scaledHeight)
            return
        }
        switch variant.fit {
        case .inside:
            (scaledWidth, scaledHeight) = scaled(by: min(across, down, limit))
            (width, height) = (scaledWidth, scaledHeight)
        case .outside:
            (scaledWidth, scaledHeight) = scaled(by: min(max(across, down), limit))
            (width, height) = (scaledWidth, scaledHeight)
        case .contain:
            (scaledWidth, scaledHeight) = scaled(by: min(across, down, limit))
            (scaledWidth, scaledHeight) = (min(scaledWidth, boxWidth), min(scaledHeight, boxHeight))
            (width, height) = (boxWidth, boxHeight)
        case .fill:
            scaledWidth = variant.allowsUpscaling ? boxWidth : min(boxWidth, sourceWidth)
            scaledHeight = variant.allowsUpscaling ? boxHeight : min(boxHeight, sourceHeight)
            (width, height) = (scaledWidth, scaledHeight)
            keepsShape = false
        case .cover:
            // An image too small for the box gets the largest box of the same shape that it covers.
            let shrinkBox = variant.allowsUpscaling ? 1 : min(1, 1 / max(across, down))
            width = Self.pixels(Double(boxWidth) * shrinkBox)
            height = Self.pixels(Double(boxHeight) * shrinkBox)
            let scale = max(Double(width) / Double(sourceWidth), Double(height) / Double(sourceHeight))
            (scaledWidth, scaledHeight) = scaled(by: scale)
            (scaledWidth, scaledHeight) = (max(scaledWidth, width), max(scaledHeight, height))
        }
    }

    /// True when the whole image is enlarged.
    func enlarges(sourceWidth: Int, sourceHeight: Int) -> Bool {
        scaledWidth > sourceWidth || scaledHeight > sourceHeight
    }

    /// Where a fixed crop lies in the scaled image; nil when the image's content decides.
    func fixedArea(_ crop: ImageVariant.Crop) -> PixelArea? {
        let across = Double(scaledWidth - width)
        let down = Double(scaledHeight - height)
        switch crop {
        case .attention, .entropy: return nil
        case .gravity(let gravity):
            let (x, y) = gravity.position
            return area(left: across * x, top: down * y)
        case .focalPoint(let x, let y):
            return area(
                left: x * Double(scaledWidth) - Double(width) / 2,
                top: y * Double(scaledHeight) - Double(height) / 2
            )
        }
    }

    private func area(left: Double, top: Double) -> PixelArea {
        PixelArea(
            left: min(max(Int(left.rounded()), 0), scaledWidth - width),
            top: min(max(Int(top.rounded()), 0), scaledHeight - height),
            width: width,
            height: height
        )
    }

    private static func pixels(_ value: Double) -> Int { max(1, Int(min(value, 1e6).rounded())) }
}

extension ImageVariant.Gravity {
    /// The share of what is cut off that is cut off at the left and at the top.
    fileprivate var position: (x: Double, y: Double) {
        switch self {
        case .center: (0.5, 0.5)
        case .north: (0.5, 0)
        case .northEast: (1, 0)
        case .east: (1, 0.5)
        case .southEast: (1, 1)
        case .south: (0.5, 1)
        case .southWest: (0, 1)
        case .west: (0, 0.5)
        case .northWest: (0, 0)
        }
    }
}
