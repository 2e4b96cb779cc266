/// The lines at the bottom of the terminal that are drawn anew again and again: each time one text, so that nothing flickers.
///
/// The cursor is hidden only within one text. Whatever kills the program, it is visible.
struct ScreenRegion {
    private var widths: [Int] = []

    /// The text that replaces what was drawn before by `lines`; they must be narrower than the terminal.
    mutating func redraw(_ lines: [String], columns: Int) -> String {
        var text = "\u{1B}[?25l" + moveToTop(columns)
        for line in lines { text += line + "\u{1B}[K\n" }
        // What is left of a taller picture.
        text += "\u{1B}[J\u{1B}[?25h"
        widths = lines.map { Self.width(of: $0) }
        return text
    }

    /// The text that removes what was drawn.
    mutating func clear(columns: Int) -> String {
        let text = moveToTop(columns) + "\u{1B}[J"
        widths = []
        return text
    }

    /// A terminal that became narrower has broken lines that fitted before.
    private func moveToTop(_ columns: Int) -> String {
        let rows = widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
        return rows > 0 ? "\r\u{1B}[\(rows)A" : "\r"
    }

    /// Without the colours' escape sequences.
    private static func width(of line: String) -> Int {
        var plain = ""
        var isEscape = false
        for character in line {
            if character == "\u{1B}" {
                isEscape = true
            } else if isEscape {
                isEscape = character != "m"
            } else {
                plain.append(character)
            }
        }
        return plain.displayWidth
    }
}
