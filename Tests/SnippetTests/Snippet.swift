import Testing

/// What one compile takes: a block of Swift in a page, with the blocks it continues.
struct Snippet: Sendable {
    /// A run of lines as they stand in the page.
    struct Part: Sendable, Equatable {
        /// The page's path, relative to the repository.
        var page: String
        /// The number, from 1, of the first line of code.
        var line: Int
        var code: [String]
    }

    var parts: [Part]

    /// Tests and programs with an entry point of their own are files of a module; everything else is a script, whose statements
    /// stand at top level as in a `main.swift`.
    var isScript: Bool {
        !lines.contains { $0.starts(with: "@main") || $0.starts(with: "import Testing") }
    }

    /// The source to compile. Diagnostics name the page and its line.
    ///
    /// - Parameter defaultImports: what a block that imports nothing may use.
    func source(defaultImports: [String]) -> String {
        var output: [String] = []
        if !lines.contains(where: { $0.starts(with: "import ") }) {
            output += defaultImports.map { "import \($0)" }
        }
        for part in parts {
            output.append("#sourceLocation(file: \"\(part.page)\", line: \(part.line))")
            output += part.code
            output.append("#sourceLocation()")
        }
        return output.joined(separator: "\n") + "\n"
    }

    private var lines: some Sequence<String> {
        parts.lazy.flatMap(\.code)
    }
}

extension Snippet: CustomTestStringConvertible {
    var testDescription: String {
        parts.last.map { "\($0.page):\($0.line)" } ?? "empty"
    }
}
