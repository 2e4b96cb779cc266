public import MediaEngine
internal import ObjectStorage
internal import TaskCore

/// What is made of a file: variants of an image, a poster of a video. A task's input holds the whole of it, so that what was asked
/// for is what is done, whatever the configuration says by then.
public struct MediaPreset: Sendable, Equatable {
    /// The name it has in the configuration.
    public var name: String
    /// Of an image.
    public var image: ImagePreset
    /// Of a video, or of music with a cover.
    public var poster: PosterPreset

    /// A preset of these parts.
    public init(name: String, image: ImagePreset = .standard, poster: PosterPreset = PosterPreset()) {
        self.name = name
        self.image = image
        self.poster = poster
    }

    /// 16 hex digits that differ where what is made differs; the name does not count.
    public var digest: String {
        // A preset holds nothing that JSON cannot: no NaN gets through validation, and none is decoded.
        let text = (try? JSONText(encoding: PresetForm(self)).text) ?? name
        return String(ContentHash.sha256(of: text.utf8).prefix(16))
    }
}

/// The picture that stands for a video.
public struct PosterPreset: Sendable, Equatable {
    /// Which frame.
    public var position: PosterPosition
    /// In which variants.
    public var image: ImagePreset

    /// The best frame at its own size, at most 1920 pixels on the longer side, unless said otherwise.
    public init(
        position: PosterPosition = .best,
        image: ImagePreset = ImagePreset(variants: [ImageVariant("poster", width: 1920, height: 1920)])
    ) {
        self.position = position
        self.image = image
    }
}

extension MediaPreset: Codable {
    private enum CodingKeys: String, CodingKey { case name }

    /// Reads the form that ``MediaPresets`` reads, with the name beside it.
    public init(from decoder: any Decoder) throws {
        let name = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .name)
        self = try PresetForm(from: decoder, allowing: ["name"]).preset(name: name)
    }

    /// Writes the form that ``MediaPresets`` reads, with the name beside it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try PresetForm(self).encode(to: encoder)
    }
}
