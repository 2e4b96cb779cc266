/// A set of named variants that are made from one image. Codable, so that it can come from a configuration file.
public struct ImagePreset: Codable, Sendable, Equatable {
    /// The variants; their names must differ.
    public var variants: [ImageVariant]
    /// The stand-in shown while an image loads; nil for none.
    public var placeholder: ImagePlaceholder?

    /// A preset of these variants.
    public init(variants: [ImageVariant], placeholder: ImagePlaceholder? = .blurHash(x: 4, y: 3)) {
        self.variants = variants
        self.placeholder = placeholder
    }

    /// `thumb` 320, `medium` 800 and `large` 1600 pixels on the longer side, JPEG quality 80, and a BlurHash.
    public static let standard = ImagePreset(variants: [
        ImageVariant("thumb", width: 320, height: 320),
        ImageVariant("medium", width: 800, height: 800),
        ImageVariant("large", width: 1600, height: 1600),
    ])
}

/// A stand-in for an image that is small enough to live in its record.
public enum ImagePlaceholder: Codable, Sendable, Equatable {
    /// A [BlurHash](https://github.com/woltapp/blurhash) of `x` × `y` components, 1…9 each.
    case blurHash(x: Int, y: Int)
    /// A tiny WebP as a `data:` URL, `size` pixels (4…64) on its longer side.
    case dataURL(size: Int)
}

/// One rendition of an image.
public struct ImageVariant: Codable, Sendable, Equatable {
    /// How the image is put into width × height.
    public enum Fit: String, Codable, Sendable, CaseIterable {
        /// As large as fits inside; keeps the shape.
        case inside
        /// Fills the whole box; keeps the shape and cuts off what overlaps.
        case cover
        /// Fits inside, and the box is filled up with the background.
        case contain
        /// Exactly the box; does not keep the shape.
        case fill
        /// As small as covers the box; keeps the shape and cuts nothing off.
        case outside
    }

    /// What `cover` keeps when it cuts.
    public enum Crop: Codable, Sendable, Equatable {
        /// A side or a corner.
        case gravity(Gravity)
        /// Where people look: skin, saturation, edges.
        case attention
        /// Where most detail is.
        case entropy
        /// As near as possible around this point; 0…1 from the left and from the top of the upright image.
        case focalPoint(x: Double, y: Double)
    }

    /// A side or a corner of the image.
    public enum Gravity: String, Codable, Sendable, CaseIterable {
        case center, north, northEast, east, southEast, south, southWest, west, northWest
    }

    /// A file format of outputs.
    public enum Format: String, Codable, Sendable, CaseIterable {
        case jpeg, webp, avif, png

        /// The file name's extension.
        public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
    }

    /// How animations are treated.
    public enum Animation: Codable, Sendable, Equatable {
        /// Only the first frame is used.
        case firstFrame
        /// Kept, up to `maxFrames` frames, in the formats that can (WebP); the first frame in the others.
        case keep(maxFrames: Int)
    }

    /// The name: letters, digits, `-` and `_`, at most 64. It names the output file.
    public var name: String
    /// Most pixels across, 1…16 383; nil leaves it open.
    public var width: Int?
    /// Most pixels down, 1…16 383; nil leaves it open.
    public var height: Int?
    /// How the image is put into width × height.
    public var fit: Fit
    /// What `cover` keeps.
    public var crop: Crop
    /// Enlarge an image that is smaller than asked for. Off by default: the variant is then as large as the image allows.
    public var allowsUpscaling: Bool
    /// The file formats, one output each.
    public var formats: [Format]
    /// 1…100; PNG is lossless and ignores it. Nil means 80 for JPEG and WebP, 50 for AVIF (which looks alike).
    public var quality: Int?
    /// Put under transparent parts where the format has no transparency, and around `contain`.
    public var background: Color
    /// Sharpen after scaling: 0 not at all (default) … 2 strongly.
    public var sharpen: Double
    /// How animations are treated.
    public var animation: Animation

    /// A variant; what is not given is at its default.
    public init(
        _ name: String,
        width: Int? = nil,
        height: Int? = nil,
        fit: Fit = .inside,
        crop: Crop = .gravity(.center),
        allowsUpscaling: Bool = false,
        formats: [Format] = [.jpeg],
        quality: Int? = nil,
        background: Color = .white,
        sharpen: Double = 0,
        animation: Animation = .firstFrame
    ) {
        self.name = name
        self.width = width
        self.height = height
        self.fit = fit
        self.crop = crop
        self.allowsUpscaling = allowsUpscaling
        self.formats = formats
        self.quality = quality
        self.background = background
        self.sharpen = sharpen
        self.animation = animation
    }

    /// An opaque sRGB colour, 0…255 each.
    public struct Color: Codable, Sendable, Equatable {
        /// Red.
        public var red: UInt8
        /// Green.
        public var green: UInt8
        /// Blue.
        public var blue: UInt8

        /// A colour of its three parts.
        public init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        /// White.
        public static let white = Self(red: 255, green: 255, blue: 255)
        /// Black.
        public static let black = Self(red: 0, green: 0, blue: 0)
    }
}
