import Foundation
import Synchronization
import TestSupport

/// Debian's PgBouncer in transaction mode before a server. It ends with the object and with this process.
package final class PgBouncer: Sendable {
    /// Whether there is one here; true where nothing may be skipped, so that the test fails instead.
    package static let isAvailable = everythingIsRequired || executable != nil

    private static let executable = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package let port: Int
    private let server: PostgresServer
    private let directory: URL
    private let keeper: TestProcess
    private let running = Mutex<pid_t?>(nil)

    /// A shell that starts it when told to, and ends it when its own input ends, which it does even when this process is killed.
    ///
    /// Not by `wait`: Foundation starts programs with SIGCHLD blocked, and a shell without it waits for ever.
    private static let keeping = #"""
        directory=$1; shift
        while read -r _; do
            while [ -n "$child" ] && grep -qs '^State:[[:space:]]*[^Z[:space:]]' /proc/$child/status; do :; done
            "$@" </dev/null >/dev/null 2>&1 & child=$!
            echo "pid $child"
        done
        kill -KILL $child 2>/dev/null
        rm -rf "$directory"
        """#

    /// - Parameters:
    ///   - poolSize: Connections to the server for each database.
    ///   - settings: More lines of its `[pgbouncer]` section.
    package init(before server: PostgresServer, poolSize: Int = 10, settings: [String: String] = [:]) async throws {
        guard let executable = Self.executable else {
            throw PostgresServer.Unavailable(description: "no pgbouncer; Scripts/bootstrap.sh test installs one")
        }
        self.server = server
        self.port = try FreePort.find()
        self.directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("taskcore-pgbouncer-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(
            at: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let users = directory.appendingPathComponent("users.txt")
        try "\"\(server.user)\" \"\(server.password)\"\n".write(to: users, atomically: true, encoding: .utf8)
        let lines = [
            "[databases]", "* = host=127.0.0.1 port=\(server.port)",
            "[pgbouncer]", "listen_addr = 127.0.0.1", "listen_port = \(port)", "unix_socket_dir =",
            "auth_type = scram-sha-256", "auth_file = \(users.path)", "admin_users = \(server.user)",
            "pool_mode = transaction", "default_pool_size = \(poolSize)", "max_client_conn = 1000",
            "logfile = \(directory.path)/pgbouncer.log",
        ]
        let more = settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        let configuration = directory.appendingPathComponent("pgbouncer.ini")
        try (lines + more).joined(separator: "\n").appending("\n")
            .write(to: configuration, atomically: true, encoding: .utf8)
        if getuid() == 0 {
            for path in [directory.path, users.path, configuration.path] {
                try FileManager.default.setAttributes([.ownerAccountName: "postgres"], ofItemAtPath: path)
            }
        }
        let asUser = getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
        let program = asUser + [executable, configuration.path]
        let shell = ["-c", Self.keeping, "sh", directory.path]
        self.keeper = try TestProcess("/bin/sh", shell + program, isKilledAtEnd: false)
        try await start()
    }

    /// The URL of a database of the server (`PostgresServer.database()`), or of its own, through PgBouncer.
    package func url(_ database: String? = nil) -> String { PostgresServer.url(database ?? server.url, port: port) }

    /// Starts it on the same port after a `kill()`, and returns when it answers.
    package func start() async throws {
        keeper.send("start")
        guard let pid = await keeper.line(after: "pid ").flatMap({ pid_t($0) }) else {
            throw PostgresServer.Unavailable(description: "pgbouncer did not start")
        }
        running.withLock { $0 = pid }
        for _ in 0..<500 {
            if (try? await admin("SHOW VERSION")) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        let log = try? String(contentsOf: directory.appendingPathComponent("pgbouncer.log"), encoding: .utf8)
        throw PostgresServer.Unavailable(description: "pgbouncer does not answer: \(log ?? "no log")")
    }

    /// Ends it and every connection through it, at once.
    package func kill() { signal(SIGKILL) }

    package func restart() async throws {
        kill()
        try await start()
    }

    /// SIGSTOP freezes it, SIGCONT lets it go on.
    package func signal(_ number: Int32) {
        running.withLock { if let pid = $0 { _ = Foundation.kill(pid, number) } }
    }

    /// A command of its console, such as `SHOW POOLS`.
    @discardableResult
    package func admin(_ command: String) async throws -> [[String?]] {
        try await Psql.run(command, url: server.url(database: "pgbouncer", port: port))
    }
}
