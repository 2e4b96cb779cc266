internal import MediaEngine

/// A preset as people write it in JSON. What is left out is at its default; what is misspelt is refused.
struct PresetForm: Codable {
    var variants: [StrictVariant]?
    var placeholder: String?
    var poster: PosterForm?

    struct PosterForm: Codable {
        var at: String?
        var variants: [StrictVariant]?
        var placeholder: String?
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case variants, placeholder, poster }

    init(_ preset: MediaPreset) {
        variants = preset.image.variants.map(StrictVariant.init)
        placeholder = PresetText.placeholder(preset.image.placeholder)
        poster = PosterForm(
            at: PresetText.position(preset.poster.position),
            variants: preset.poster.image.variants.map(StrictVariant.init),
            placeholder: PresetText.placeholder(preset.poster.image.placeholder)
        )
    }

    init(from decoder: any Decoder) throws { try self.init(from: decoder, allowing: []) }

    init(from decoder: any Decoder, allowing others: [String]) throws {
        try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue) + others)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        variants = try container.decodeIfPresent([StrictVariant].self, forKey: .variants)
        placeholder = try container.decodeIfPresent(String.self, forKey: .placeholder)
        try container.check(placeholder, at: .placeholder, PresetText.placeholder)
        poster = try container.decodeIfPresent(PosterForm.self, forKey: .poster)
    }

    func preset(name: String) -> MediaPreset {
        var preset = MediaPreset(name: name)
        Self.apply(variants, placeholder, to: &preset.image)
        Self.apply(poster?.variants, poster?.placeholder, to: &preset.poster.image)
        if let position = poster?.at.flatMap(PresetText.position) { preset.poster.position = position }
        return preset
    }

    private static func apply(_ variants: [StrictVariant]?, _ placeholder: String?, to image: inout ImagePreset) {
        if let variants { image.variants = variants.map(\.variant) }
        if let placeholder { image.placeholder = PresetText.placeholder(placeholder) ?? nil }
    }
}

extension PresetForm.PosterForm {
    private enum CodingKeys: String, CodingKey, CaseIterable { case at, variants, placeholder }

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(except: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        at = try container.decodeIfPresent(String.self, forKey: .at)
        try container.check(at, at: .at, PresetText.position)
        variants = try container.decodeIfPresent([StrictVariant].self, forKey: .variants)
        placeholder = try container.decodeIfPresent(String.self, forKey: .placeholder)
        try container.check(placeholder, at: .placeholder, PresetText.placeholder)
    }
}

/// A variant that refuses members it does not know.
struct StrictVariant: Codable {
    let variant: ImageVariant

    init(_ variant: ImageVariant) { self.variant = variant }

    init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(except: ImageVariant.CodingKeys.allCases.map(\.rawValue))
        variant = try ImageVariant(from: decoder)
    }

    func encode(to encoder: any Encoder) throws { try variant.encode(to: encoder) }
}
