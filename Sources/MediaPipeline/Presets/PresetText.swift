internal import MediaEngine

/// The parts of presets that are written as a short text, both ways. A text that cannot be read is nil.
enum PresetText {
    /// `blurhash 4x3`, `data-url 32` or `none`; the inner nil means none.
    static func placeholder(_ text: String) -> ImagePlaceholder?? {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        case ("none", 1): return .some(nil)
        case ("data-url", 2): return Int(words[1]).map { .dataURL(size: $0) }
        case ("blurhash", 2):
            let sides = words[1].split(separator: "x").compactMap { Int($0) }
            return sides.count == 2 ? .blurHash(x: sides[0], y: sides[1]) : nil
        default: return nil
        }
    }

    static func placeholder(_ placeholder: ImagePlaceholder?) -> String {
        switch placeholder {
        case nil: "none"
        case .dataURL(let size): "data-url \(size)"
        case .blurHash(let x, let y): "blurhash \(x)x\(y)"
        }
    }

    /// `best`, `cover`, `12.5 s`, `10 %` or `keyframe 12.5 s`.
    static func position(_ text: String) -> PosterPosition? {
        let words = text.split(separator: " ")
        func number(_ index: Int) -> Double? {
            guard words.count == index + 2, let value = Double(words[index]), value.isFinite, value >= 0 else {
                return nil
            }
            return value
        }
        switch (words.first, words.last) {
        case ("best", _) where words.count == 1: return .best
        case ("cover", _) where words.count == 1: return .coverArt
        case ("keyframe", "s"): return number(1).map { .keyframe(near: $0) }
        case (_, "s"): return number(0).map { .seconds($0) }
        case (_, "%"): return number(0).flatMap { $0 <= 100 ? .percent($0) : nil }
        default: return nil
        }
    }

    static func position(_ position: PosterPosition) -> String {
        switch position {
        case .best: "best"
        case .coverArt: "cover"
        case .seconds(let seconds): "\(seconds) s"
        case .percent(let percent): "\(percent) %"
        case .keyframe(let seconds): "keyframe \(seconds) s"
        }
    }
}
