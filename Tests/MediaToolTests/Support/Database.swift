import Foundation
import PostgresTestSupport

/// A database of its own on the server that this process's tests share; dropped with its owner.
final class Database: Sendable {
    let name = PostgresServer.uniqueName("tool")
    let url: String
    private let server: String

    init() async throws {
        server = try await PostgresServer.shared().url
        url = PostgresServer.url(server, database: name)
        try await Self.psql(server, "CREATE DATABASE \(name)")
    }

    deinit {
        // Blocks, so that it is done when the process ends.
        let drop = Process()
        drop.executableURL = URL(filePath: "/usr/bin/psql")
        drop.arguments = ["-X", "-q", "-c", "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", server]
        try? drop.run()
        drop.waitUntilExit()
    }

    /// Runs SQL, and answers what it prints: rows without decoration.
    @discardableResult
    func psql(_ sql: String) async throws -> String { try await Self.psql(url, sql) }

    /// Runs a file of SQL as one who migrates by hand does.
    func psql(file: String) async throws {
        try await Self.checked("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, url)
    }

    /// The schema as text, without what pg_dump makes up for each run.
    func schema() async throws -> [String] {
        try await Self.checked("pg_dump", "--schema-only", url).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("\\") }
    }

    /// The URL with a part changed.
    static func url(_ url: String, _ change: (inout URLComponents) -> Void) throws -> String {
        guard var components = URLComponents(string: url) else { throw CocoaError(.fileReadCorruptFile) }
        change(&components)
        return components.string ?? ""
    }

    @discardableResult
    private static func psql(_ url: String, _ sql: String) async throws -> String {
        try await checked("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url)
            .trimmingCharacters(in: .newlines)
    }

    struct Failure: Error { var output: String }

    @discardableResult
    private static func checked(_ program: String, _ arguments: String...) async throws -> String {
        let ending = try await ToolProcess("/usr/bin/\(program)", arguments: arguments, merging: true).ending()
        guard ending.code == 0 else { throw Failure(output: ending.output) }
        return ending.output
    }
}
