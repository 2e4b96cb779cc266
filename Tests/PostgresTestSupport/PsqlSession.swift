import TestSupport

/// One session of `psql` that stays open, for transactions that a test holds or abandons as it likes.
package final class PsqlSession: Sendable {
    private let process: TestProcess
    private static let done = "\u{1e}done"

    /// - Parameter url: Of a database, as `PostgresServer.url` gives it.
    package init(_ url: String) throws {
        let (psql, arguments) = PostgresPrograms.psql
        process = try TestProcess(
            psql,
            arguments + ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password", "--dbname=\(url)"]
        )
    }

    /// Runs statements, and answers the lines that they wrote once they are through. One caller at a time.
    @discardableResult
    package func run(_ sql: String) async -> [String] {
        start(sql)
        return await answer()
    }

    /// Hands statements over without waiting for them; `answer()` does.
    package func start(_ sql: String) {
        process.send(sql + "\n;")
        process.send("\\echo \(Self.done)")
    }

    /// Waits for what was started.
    package func answer() async -> [String] {
        var lines: [String] = []
        for await line in process.lines {
            if line == Self.done { return lines }
            lines.append(line)
        }
        return lines
    }
}
