import Foundation
import Testing

/// One compile at a time: the other suites share the machine.
@Suite("Documentation", .serialized)
struct DocumentationTests {
    /// What a block that imports nothing itself may use.
    static let defaultImports = [
        "Foundation", "Logging", "ServiceLifecycle",
        "TaskCore", "TaskTesting", "TaskStorePostgres", "TaskStoreSQLite", "ObjectStorage", "MediaPipeline",
    ]

    @Test(
        "Every block of Swift in the documentation compiles for a user of the public modules",
        arguments: try pages().flatMap(\.snippets)
    )
    func blockCompiles(_ snippet: Snippet) async throws {
        let diagnostics = try await SnippetCompiler().diagnostics(for: snippet, defaultImports: Self.defaultImports)
        if !diagnostics.isEmpty { Issue.record("\(diagnostics)") }
    }

    @Test("Every fence of Swift in the documentation says something this suite understands")
    func fencesAreUnderstood() throws {
        #expect(try Self.pages().flatMap(\.problems) == [])
    }

    @Test("The README's first task takes at most 20 lines of Swift")
    func firstTaskIsShort() throws {
        let readme = SnippetPage(path: "README.md", text: try Self.text(of: "README.md"))
        let first = try #require(readme.snippets.first?.parts.first, "the README shows no Swift")
        #expect(first.code.count <= 20)
    }

    @Test("A block that uses what does not exist is reported with its page and line")
    func mistakeIsReported() async throws {
        let page = SnippetPage(
            path: "Page.md",
            text: "Text\n\n```swift\nimport TaskCore\nlet x = noSuchFunction()\n```\n"
        )
        let snippet = try #require(page.snippets.first)
        let diagnostics = try await SnippetCompiler().diagnostics(for: snippet, defaultImports: Self.defaultImports)
        #expect(diagnostics.contains("Page.md:5:9: error: cannot find 'noSuchFunction' in scope"), "\(diagnostics)")
    }

    @Test(
        "A block may await at top level, hold tests, or be a program of its own",
        arguments: [
            "try await Task.sleep(for: .seconds(1))\nprint(try JSONEncoder().encode([1]).count)",
            "import Testing\n\n@Suite struct Checks {\n    @Test func sum() { #expect(1 + 1 == 2) }\n}",
            "@main struct Program {\n    static func main() async throws { print(URL(filePath: \"/tmp\")) }\n}",
        ]
    )
    func formsCompile(_ code: String) async throws {
        let page = SnippetPage(path: "Page.md", text: "```swift\n\(code)\n```\n")
        let snippet = try #require(page.snippets.first)
        let diagnostics = try await SnippetCompiler().diagnostics(for: snippet, defaultImports: Self.defaultImports)
        #expect(diagnostics.isEmpty, "\(diagnostics)")
    }

    /// Every page at the top of the repository, under Docs and in a DocC catalog.
    private static func pages() throws -> [SnippetPage] {
        try paths().map { SnippetPage(path: $0, text: try text(of: $0)) }
    }

    private static func paths() throws -> [String] {
        let manager = FileManager.default
        let top = try manager.contentsOfDirectory(atPath: root.path())
        let docs = try manager.subpathsOfDirectory(atPath: root.appending(component: "Docs").path()).map {
            "Docs/\($0)"
        }
        let sources = try manager.subpathsOfDirectory(atPath: root.appending(component: "Sources").path())
            .filter { $0.contains(".docc/") }.map { "Sources/\($0)" }
        return (top + docs + sources).filter { $0.hasSuffix(".md") }.sorted()
    }

    private static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The repository, seen from this file: `Tests/SnippetTests/…`.
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
