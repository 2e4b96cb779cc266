extension ImageVariant {
    // Not private: Swift 6.3.1 crashes when the synthesised `encode` in another file uses private keys.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, width, height, fit, crop, allowsUpscaling, formats, quality, background, sharpen, animation
    }

    /// Decodes a variant. Only `name` must be there; what is missing is at its default, so that a configuration file says
    /// only what it means.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try values.decode(String.self, forKey: .name))
        width = try values.decodeIfPresent(Int.self, forKey: .width)
        height = try values.decodeIfPresent(Int.self, forKey: .height)
        quality = try values.decodeIfPresent(Int.self, forKey: .quality)
        fit = try values.decodeIfPresent(Fit.self, forKey: .fit) ?? fit
        crop = try values.decodeIfPresent(Crop.self, forKey: .crop) ?? crop
        allowsUpscaling = try values.decodeIfPresent(Bool.self, forKey: .allowsUpscaling) ?? allowsUpscaling
        formats = try values.decodeIfPresent([Format].self, forKey: .formats) ?? formats
        background = try values.decodeIfPresent(Color.self, forKey: .background) ?? background
        sharpen = try values.decodeIfPresent(Double.self, forKey: .sharpen) ?? sharpen
        animation = try values.decodeIfPresent(Animation.self, forKey: .animation) ?? animation
    }
}

/// `"attention"`, `"entropy"`, a gravity such as `"northEast"`, or `{"x": 0.3, "y": 0.5}`.
extension ImageVariant.Crop {
    private struct Point: Codable {
        var x: Double
        var y: Double
    }

    /// Decodes one of the forms above.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        guard let word = try? value.decode(String.self) else {
            let point = try value.decode(Point.self)
            self = .focalPoint(x: point.x, y: point.y)
            return
        }
        switch word {
        case "attention": self = .attention
        case "entropy": self = .entropy
        default:
            guard let gravity = ImageVariant.Gravity(rawValue: word) else {
                throw DecodingError.dataCorruptedError(in: value, debugDescription: "unknown crop '\(word)'")
            }
            self = .gravity(gravity)
        }
    }

    /// Encodes one of the forms above.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .attention: try value.encode("attention")
        case .entropy: try value.encode("entropy")
        case .gravity(let gravity): try value.encode(gravity)
        case .focalPoint(let x, let y): try value.encode(Point(x: x, y: y))
        }
    }
}

/// `"firstFrame"`, or `{"maxFrames": 100}`.
extension ImageVariant.Animation {
    private struct Kept: Codable {
        var maxFrames: Int
    }

    /// Decodes one of the forms above.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        guard let word = try? value.decode(String.self) else {
            self = .keep(maxFrames: try value.decode(Kept.self).maxFrames)
            return
        }
        guard word == "firstFrame" else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "unknown animation '\(word)'")
        }
        self = .firstFrame
    }

    /// Encodes one of the forms above.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .firstFrame: try value.encode("firstFrame")
        case .keep(let maxFrames): try value.encode(Kept(maxFrames: maxFrames))
        }
    }
}

/// `"#ff8000"`.
extension ImageVariant.Color {
    /// Decodes six hexadecimal digits after `#`.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try value.decode(String.self)
        guard text.utf8.count == 7, text.hasPrefix("#"), !text.dropFirst().hasPrefix("+"),
            let number = UInt32(text.dropFirst(), radix: 16)
        else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "'\(text)' is no colour like #ff8000")
        }
        self.init(
            red: UInt8(truncatingIfNeeded: number >> 16),
            green: UInt8(truncatingIfNeeded: number >> 8),
            blue: UInt8(truncatingIfNeeded: number)
        )
    }

    /// Encodes six hexadecimal digits after `#`.
    public func encode(to encoder: any Encoder) throws {
        let number = UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
        let digits = String(number, radix: 16)
        var value = encoder.singleValueContainer()
        try value.encode("#" + String(repeating: "0", count: 6 - digits.count) + digits)
    }
}
