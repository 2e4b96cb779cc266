import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Command line programs that tests compare with.
enum Tool {
    /// The path of a program; nil when it is not installed.
    static func find(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// A product that was built with the tests.
    static func product(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
            .path()
    }

    /// Runs a program to its end.
    static func run(
        _ path: String,
        _ arguments: String...
    ) async throws -> (output: String, status: TerminationStatus) {
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            output: .string(limit: 1 << 20)
        )
        return (result.standardOutput, result.terminationStatus)
    }

    /// The fields that `vipsheader -a` prints; nil when it is not installed.
    static func vipsHeader(_ file: String) async throws -> [String: String]? {
        guard let tool = find("vipsheader") else { return nil }
        var fields: [String: String] = [:]
        for line in try await run(tool, "-a", file).output.split(separator: "\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return fields
    }
}
