import Foundation
import Subprocess

/// Type-checks a snippet against the modules that this very build made, with the flags SwiftPM gave this test target.
///
/// A package of its own would compile every dependency a second time. Public API only: `-package-name` is not handed on.
struct SnippetCompiler {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let toolchain: URL
    private let flags: [String]
    private let directory: URL

    /// - Throws: ``Failure`` when the build's description is not where SwiftPM's native build system writes it.
    init() throws {
        let products = try Self.productsDirectory()
        let scratch = products.deletingLastPathComponent().deletingLastPathComponent()
        let manifest = scratch.appending(component: products.lastPathComponent + ".yaml")
        guard let text = try? String(contentsOf: manifest, encoding: .utf8) else {
            throw Failure(
                description: "cannot read \(manifest.path()), the build description of SwiftPM's native build system"
            )
        }
        let marker = #","-module-name","SnippetTests","#
        guard
            let line = text.split(separator: "\n").first(where: { $0.contains(marker) }),
            let start = line.firstIndex(of: "["),
            let command = try? JSONDecoder().decode([String].self, from: Data(line[start...].utf8)),
            let compiler = command.first
        else {
            throw Failure(description: "no compile command of SnippetTests in \(manifest.path())")
        }
        toolchain = URL(filePath: compiler).deletingLastPathComponent()
        flags = Self.flagsForUsers(among: command)
        directory = scratch.appending(component: "snippets")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// - Returns: what the compiler has to complain about, empty when the snippet compiles without a warning.
    func diagnostics(for snippet: Snippet, defaultImports: [String]) async throws -> String {
        let file = directory.appending(component: UUID().uuidString + ".swift")
        try Data(snippet.source(defaultImports: defaultImports).utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }

        let mode = snippet.isScript ? [] : ["-parse-as-library"]
        let result = try await Subprocess.run(
            .name("swiftc"),
            arguments: .init(
                ["-typecheck", "-module-name", "Snippet", "-warnings-as-errors"] + mode + flags + [file.path()]
            ),
            environment: .inherit.updating(["PATH": toolchain.path()]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard !result.terminationStatus.isSuccess else { return "" }
        let output = result.standardOutput + result.standardError
        return output.isEmpty ? "swiftc ended with \(result.terminationStatus)" : output
    }

    /// The flags that say where modules are and what the code runs on; neither our own rules nor access to package API.
    private static func flagsForUsers(among command: [String]) -> [String] {
        let kept: Set = [
            "-I", "-F", "-Xcc", "-Xfrontend", "-target", "-sdk", "-swift-version", "-plugin-path", "-module-cache-path",
        ]
        let pairs = zip(command, command.dropFirst())
        // pkg-config's folders of C headers are joined to their flag.
        return pairs.flatMap { kept.contains($0) ? [$0, $1] : $1.hasPrefix("-I/") && $0 != "-Xcc" ? [$1] : [] }
    }

    /// The directory that holds the test executable: `.build/<triple>/<configuration>`.
    private static func productsDirectory() throws -> URL {
        #if os(Linux)
            return URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                .deletingLastPathComponent()
        #else
            for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
                return bundle.bundleURL.deletingLastPathComponent()
            }
            throw Failure(description: "cannot tell where this test runs from")
        #endif
    }
}
