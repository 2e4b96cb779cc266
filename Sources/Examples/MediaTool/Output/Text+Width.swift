extension String {
    /// Columns on a terminal: East Asian wide characters and emoji take two, combining marks none.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// At most so many columns; what is cut off is replaced by `…`.
    func cut(to columns: Int) -> String {
        guard displayWidth > columns else { return self }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        var result = ""
        var width = 0
        for character in self {
            guard width + character.displayWidth <= columns - 1 else { break }
            result.append(character)
            width += character.displayWidth
        }
        return result + "…"
    }

    /// At most so many columns; cut in the middle, so that a name keeps its extension.
    func cutInMiddle(to columns: Int) -> String {
        guard displayWidth > columns, columns >= 9 else { return cut(to: columns) }
        var tail = ""
        for character in reversed() {
            guard (String(character) + tail).displayWidth <= columns / 3 else { break }
            tail = String(character) + tail
        }
        return cut(to: columns - tail.displayWidth) + tail
    }

    /// Filled up with spaces on the right.
    func padded(to columns: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, columns - displayWidth))
    }

    /// Filled up with spaces on the left.
    func paddedLeft(to columns: Int) -> String {
        String(repeating: " ", count: Swift.max(0, columns - displayWidth)) + self
    }

    /// Without characters that a terminal obeys instead of showing: file names and messages may hold anything.
    var printable: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars { result.append(scalar.isControl ? "\u{FFFD}" : scalar) }
        return String(result)
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return first.isWide ? 2 : 1
        }
    }
}

extension Unicode.Scalar {
    /// Controls, and the marks that turn the direction of what follows.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || (0x202A...0x202E).contains(value)
            || (0x2066...0x2069).contains(value)
    }

    /// The blocks that Unicode's EastAsianWidth calls wide, roughly.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
