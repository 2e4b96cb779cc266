import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What standard output's terminal can do.
struct Terminal {
    /// Colours, unless the user said otherwise (https://no-color.org).
    let hasColor: Bool
    /// Whether box and check characters are safe to print.
    let hasUnicode: Bool

    /// The terminal on standard output; nil in a pipe, and where it cannot move its cursor.
    static var current: Terminal? {
        let environment = ProcessInfo.processInfo.environment
        guard StandardOutput.isTerminal, environment["TERM"].map({ $0 != "dumb" && !$0.isEmpty }) ?? false else {
            return nil
        }
        return Terminal(hasColor: environment["NO_COLOR"]?.isEmpty ?? true, hasUnicode: hasUnicode(environment))
    }

    /// A locale that is set and is not UTF-8 means plain characters; none set means a terminal of this century.
    static func hasUnicode(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        guard let name = locale?.lowercased() else { return true }
        return name.contains("utf-8") || name.contains("utf8")
    }

    /// Columns and rows as they are now.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    enum Style: String {
        case dim = "2", bold = "1", red = "31", green = "32", yellow = "33", cyan = "36"
    }

    func styled(_ text: String, _ style: Style) -> String {
        hasColor && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Plain text, for pipes.
    static let plain = Terminal(hasColor: false, hasUnicode: true)

    var check: String { hasUnicode ? "✓" : "+" }
    var cross: String { hasUnicode ? "✗" : "x" }
    var dash: String { hasUnicode ? "–" : "-" }
}
