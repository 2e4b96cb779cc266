import Foundation
import PostgresTestSupport
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(2))) struct PostgresServerTests {
    @Test func everyDatabaseIsEmptyAndItsOwn() async throws {
        let server = try await PostgresServer.shared()
        let first = try await server.database()
        try await server.sql(
            "CREATE TABLE t (a text, b int); INSERT INTO t VALUES ('x', NULL), (E'y\n', 2)",
            database: first
        )
        #expect(try await server.sql("TABLE t", database: first) == [["x", nil], ["y\n", "2"]])
        let second = try await server.database()
        #expect(try await server.sql("SELECT to_regclass('t')", database: second) == [[nil]])
        #expect(try await server.sql("SELECT WHERE false", database: second) == [])
        await #expect(throws: Command.Failed.self) { try await server.sql("TABLE t", database: second) }
        try await server.drop(first)
        try await server.drop(second)
    }

    @Test func aPasswordIsAskedFor() async throws {
        let server = try await PostgresServer()
        let wrong = server.url.replacing(server.password, with: "wrong")
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1", database: wrong) }
    }

    @Test func itCrashesAndComesBackWithWhatWasCommitted() async throws {
        let server = try await PostgresServer(.init(settings: ["wal_level": "logical"]))
        try await server.sql("CREATE TABLE t AS SELECT 7 AS n")
        try await server.stop(.immediate)
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1") }
        try await server.start(settings: ["work_mem": "8MB"])
        #expect(try await server.count("TABLE t") == 7)
        #expect(try await server.sql("SHOW wal_level") == [["logical"]])
        #expect(try await server.sql("SHOW work_mem") == [["8MB"]])
        #expect(try server.log.contains("was not properly shut down"))
    }

    @Test func aSessionCanBeFrozenAndEnded() async throws {
        let server = try await PostgresServer.shared()
        let name = PostgresServer.uniqueName("app")
        let url = server.url(parameters: ["application_name": name])
        let sleeper = Task { try await server.sql("SELECT pg_sleep(3600)", database: url) }
        try await server.wait(until: "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(name)')")
        let backend = try #require(try await server.backends(application: name).first)
        try server.signal(backend, SIGSTOP)
        while try !String(contentsOfFile: "/proc/\(backend)/stat", encoding: .utf8).contains(") T ") {
            await Task.yield()
        }
        try server.signal(backend, SIGCONT)
        #expect(try await server.terminate(application: name) == 1)
        await #expect(throws: Command.Failed.self) { try await sleeper.value }
    }

    @Test func tlsIsRequiredAndVerified() async throws {
        let server = try await PostgresServer(.init(requiresTLS: true))
        #expect(try await server.sql("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [["t"]])
        let plain = server.url(parameters: ["sslmode": "disable"])
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1", database: plain) }
    }

    @Test(.enabled(if: SmallDisk.isAvailable, "mounting a small file system needs root"))
    func itsDiskCanBeSmall() async throws {
        let server = try await PostgresServer(.init(diskMegabytes: 80))
        let size = try FileManager.default.attributesOfFileSystem(forPath: server.dataDirectory.path)[.systemSize]
        #expect(size as? Int == 80 << 20)
        await #expect(throws: Command.Failed.self) {
            try await server.sql(
                "CREATE TABLE t AS SELECT repeat(md5(n::text), 100) FROM generate_series(1, 1000000) n"
            )
        }
        await server.remove()
        #expect(try !FileManager.default.fileExists(atPath: server.dataDirectory.path))
    }

    /// A shell in the place of a test process: killed, it cannot clean up.
    @Test func itDiesWithTheProcessThatStartedItEvenWhenThatIsKilled() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(PostgresServer.uniqueName("pg"))
        let script =
            "mkfifo \"$1.fifo\"; \"$2\" serve \"$1\" < \"$1.fifo\" & exec 3> \"$1.fifo\"; rm \"$1.fifo\"; exec sleep 3600"
        let holder = try TestProcess("/bin/sh", ["-c", script, "sh", directory.path, Checkout.script("postgres.sh")])
        let url = try #require(await holder.line(after: "url "))
        let server = try await PostgresServer.shared()
        #expect(try await server.sql("SELECT 1", database: url) == [["1"]])
        holder.kill()
        // The watcher holds the other end of this, and is the last to let go of it.
        for await _ in holder.lines {}
        #expect(!FileManager.default.fileExists(atPath: directory.path))
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1", database: url) }
    }
}
