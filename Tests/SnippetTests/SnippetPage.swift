/// The Swift blocks of one page of Markdown.
///
/// Understood after the fence's `swift`: nothing, `continues` (the block goes on where the one before it stopped) and
/// `skip-compile: reason`. A comment `<!-- swift` … `-->` is a block that readers do not see, for what a page takes as given.
struct SnippetPage {
    /// What is to be compiled: every block that no other continues, together with those before it.
    private(set) var snippets: [Snippet] = []
    /// Fences this suite does not understand, each as 'page:line: what is wrong'.
    private(set) var problems: [String] = []

    private let path: String
    private var previousCanBeContinued = false

    init(path: String, text: String) {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? String(line.dropLast()) : String(line)
        }
        var index = 0
        while index < lines.count {
            guard let opening = Fence(opening: lines[index]) else {
                index += 1
                continue
            }
            let first = index + 1
            let end = lines[first...].firstIndex(where: opening.isClosed(by:))
            if let info = opening.swiftInfo {
                let code = lines[first..<(end ?? lines.count)].map(opening.unindent)
                add(code, at: first + 1, info: info)
                if end == nil { problems.append("\(path):\(first): the block is never closed") }
            }
            index = (end ?? lines.count) + 1
        }
    }

    private mutating func add(_ code: [String], at line: Int, info: String) {
        let part = Snippet.Part(page: path, line: line, code: code)
        switch info {
        case "":
            snippets.append(Snippet(parts: [part]))
            previousCanBeContinued = true
        case "continues" where previousCanBeContinued:
            snippets[snippets.count - 1].parts.append(part)
        case "continues":
            problems.append("\(path):\(line - 1): nothing compiled stands before it to continue")
        default:
            previousCanBeContinued = false
            let reason = info.hasPrefix("skip-compile:") ? info.dropFirst("skip-compile:".count) : ""
            if !reason.contains(where: \.isLetter) {
                problems.append(
                    "\(path):\(line - 1): '\(info)' is neither 'continues' nor 'skip-compile: ' with a reason"
                )
            }
        }
    }
}

/// The line that opens a block: backticks or tildes with an info string, or a comment that hides Swift.
private struct Fence {
    private let indent: Int
    private let marker: Character
    private let count: Int
    private let info: String

    init?(opening line: String) {
        let body = line.drop { $0 == " " }
        indent = line.count - body.count
        if body.hasPrefix("<!-- swift") {
            (marker, count) = ("-", 3)
            info = body.dropFirst("<!-- ".count).trimmed
            guard !info.contains("-->") else { return nil }
        } else {
            guard let first = body.first, first == "`" || first == "~" else { return nil }
            (marker, count) = (first, body.prefix { $0 == first }.count)
            info = body.dropFirst(count).trimmed
            guard count >= 3, first == "~" || !info.contains("`") else { return nil }
        }
    }

    /// What follows the word `swift`; nil when the block holds something else.
    var swiftInfo: String? {
        let words = info.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let language = words.first, language.lowercased() == "swift" else { return nil }
        return words.count > 1 ? words[1].trimmed : ""
    }

    func isClosed(by line: String) -> Bool {
        let body = line.trimmed
        if marker == "-" { return body == "-->" }
        return body.count >= count && body.allSatisfy { $0 == marker }
    }

    /// A fence inside a list is indented, and so is its code.
    func unindent(_ line: String) -> String {
        String(line.dropFirst(line.prefix(indent).prefix { $0 == " " }.count))
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var body = self[...]
        while let last = body.last, last.isWhitespace { body.removeLast() }
        return String(body.drop(while: \.isWhitespace))
    }
}
