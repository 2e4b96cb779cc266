internal import MediaEngine

/// A variant as people write it in JSON.
struct VariantForm: Codable {
    var name: String
    var width: Int?
    var height: Int?
    var fit: ImageVariant.Fit?
    var crop: String?
    var upscale: Bool?
    var formats: [ImageVariant.Format]?
    var quality: Int?
    var background: String?
    var sharpen: Double?
    /// Most frames kept of an animation; nil for the first frame only.
    var frames: Int?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name, width, height, fit, crop, upscale, formats, quality, background, sharpen, frames
    }

    init(_ variant: ImageVariant) {
        name = variant.name
        width = variant.width
        height = variant.height
        fit = variant.fit
        crop = PresetText.crop(variant.crop)
        upscale = variant.allowsUpscaling
        formats = variant.formats
        quality = variant.quality
        background = PresetText.color(variant.background)
        sharpen = variant.sharpen
        if case .keep(let maxFrames) = variant.animation { frames = maxFrames }
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        width = try container.decodeIfPresent(Int.self, forKey: .width)
        height = try container.decodeIfPresent(Int.self, forKey: .height)
        fit = try container.decodeIfPresent(ImageVariant.Fit.self, forKey: .fit)
        crop = try container.decodeIfPresent(String.self, forKey: .crop)
        try container.check(crop, at: .crop, PresetText.crop)
        upscale = try container.decodeIfPresent(Bool.self, forKey: .upscale)
        formats = try container.decodeIfPresent([ImageVariant.Format].self, forKey: .formats)
        quality = try container.decodeIfPresent(Int.self, forKey: .quality)
        background = try container.decodeIfPresent(String.self, forKey: .background)
        try container.check(background, at: .background, PresetText.color)
        sharpen = try container.decodeIfPresent(Double.self, forKey: .sharpen)
        frames = try container.decodeIfPresent(Int.self, forKey: .frames)
    }

    var variant: ImageVariant {
        var variant = ImageVariant(name, width: width, height: height)
        if let fit { variant.fit = fit }
        if let crop = crop.flatMap(PresetText.crop) { variant.crop = crop }
        if let upscale { variant.allowsUpscaling = upscale }
        if let formats { variant.formats = formats }
        variant.quality = quality
        if let background = background.flatMap(PresetText.color) { variant.background = background }
        if let sharpen { variant.sharpen = sharpen }
        if let frames { variant.animation = .keep(maxFrames: frames) }
        return variant
    }
}
