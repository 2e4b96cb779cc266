package import Foundation
import TestSupport

extension PostgresServer {
    /// Runs SQL through `psql` and answers the rows as text, nil for NULL. Only one of the statements may answer rows.
    ///
    /// It connects anew each time (20 ms), past every pool and proxy.
    /// - Parameter url: Of `database()` or the like; the server's own when nil.
    @discardableResult
    package func sql(_ sql: String, database url: String? = nil) async throws -> [[String?]] {
        try await Psql.run(sql, url: url ?? self.url)
    }

    /// The first column of the only row, as a number.
    package func count(_ sql: String, database url: String? = nil) async throws -> Int {
        let rows = try await self.sql(sql, database: url)
        guard let text = rows.first?.first ?? nil, let number = Int(text) else {
            throw Psql.NotANumber(query: sql, answer: rows)
        }
        return number
    }

    /// Asks again and again until the answer is `t`. The test's time limit ends it.
    package func wait(until condition: String, database url: String? = nil) async throws {
        while try await sql("SELECT (\(condition))", database: url) != [["t"]] {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The process ids of the sessions with this `application_name`, or of all clients' sessions, oldest first.
    package func backends(application: String? = nil) async throws -> [pid_t] {
        let filter = application.map { "AND application_name = '\($0.replacing("'", with: "''"))'" } ?? ""
        let rows = try await sql(
            """
            SELECT pid FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() \(filter) ORDER BY backend_start, pid
            """
        )
        return rows.compactMap { $0.first.flatMap(\.self).flatMap { pid_t($0) } }
    }

    /// Ends the sessions as an administrator does, and answers how many there were.
    @discardableResult
    package func terminate(application: String? = nil) async throws -> Int {
        let pids = try await backends(application: application).map { "\($0)" }.joined(separator: ",")
        return try await count(
            "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM unnest('{\(pids)}'::int[]) pid"
        )
    }

    /// Sends a signal to a session's process: SIGSTOP freezes it, SIGCONT lets it go on. SIGKILL restarts the whole server.
    package func signal(_ backend: pid_t, _ number: Int32) throws {
        // Elsewhere the number is another process's.
        guard ["127.0.0.1", "localhost"].contains(URLComponents(string: url)?.host), kill(backend, number) == 0 else {
            throw Unavailable(description: "cannot send signal \(number) to process \(backend)")
        }
    }
}

/// PostgreSQL's own client.
enum Psql {
    struct NotANumber: Error {
        let query: String
        let answer: [[String?]]
    }

    // What no text of ours holds: between columns, between rows, and for NULL.
    private static let (column, row, null) = ("\u{1f}", "\u{1e}\n", "\u{1d}")

    static func run(_ sql: String, url: String) async throws -> [[String?]] {
        let (psql, arguments) = PostgresPrograms.psql
        let options = [
            "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--no-password",
            "--field-separator=\(column)", "--record-separator=\(row)", "--pset=null=\(null)", "--dbname=\(url)",
        ]
        var answer = try await Command.run(psql, arguments + options, input: sql + "\n;")
        guard !answer.isEmpty else { return [] }
        answer.removeLast()
        return answer.split(separator: row, omittingEmptySubsequences: false).map { line in
            line.split(separator: column, omittingEmptySubsequences: false).map { $0 == null ? nil : String($0) }
        }
    }
}
