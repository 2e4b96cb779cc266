import Foundation
import PostgresTestSupport
import TaskCore
import Testing

@testable import TaskStorePostgres

/// What a store says when it may not, or must not, connect.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct ConnectingTests {
    /// Fails to connect, and checks that the error is of that code and betrays nothing.
    private func refusal(
        _ address: String,
        _ code: TaskError.Code,
        saying word: String,
        hiding secrets: [String] = [],
        callTimeout: Duration = .seconds(60)
    ) async throws {
        var options = PostgresTaskStore.Options(callTimeout: callTimeout)
        options.listens = false
        let store = try PostgresTaskStore(address, options: options)
        let error = await #expect(throws: TaskError.self) { try await store.queues() }
        #expect(error?.code == code)
        let text = error?.description ?? ""
        print("refused: \(text)")
        #expect(text.localizedCaseInsensitiveContains(word))
        for secret in secrets + [FileManager.default.temporaryDirectory.path, "/tmp"] where !secret.isEmpty {
            #expect(!text.contains(secret))
        }
        #expect(!text.contains("\n"))
        await store.close()
    }

    private func replaced(_ url: String, _ change: (inout URLComponents) -> Void) throws -> String {
        var parts = try #require(URLComponents(string: url))
        change(&parts)
        return try #require(parts.string)
    }

    @Test func aWrongPasswordIsSaidWithoutThePassword() async throws {
        let server = try await PostgresServer.shared()
        let address = try replaced(server.url) { $0.password = "not-the-secret" }
        try await refusal(address, .storeUnavailable, saying: "password", hiding: ["not-the-secret", server.password])
    }

    @Test func anUnknownDatabaseIsSaid() async throws {
        let server = try await PostgresServer.shared()
        try await refusal(
            server.url(database: "nowhere"),
            .storeUnavailable,
            saying: "nowhere",
            hiding: [server.password]
        )
    }

    @Test func aDatabaseThatIsNotUTF8IsRefused() async throws {
        let server = try await PostgresServer.shared()
        let name = PostgresServer.uniqueName("ascii")
        try await server.sql(
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        let address = server.url(database: name)
        try await refusal(address, .schemaMismatch, saying: "UTF8", hiding: [server.password])
        try await server.drop(address)
    }

    @Test func aMissingSchemaAsksForAMigration() async throws {
        let server = try await PostgresServer.shared()
        let store = try PostgresTaskStore(server.url, options: .init(schema: PostgresServer.uniqueName()))
        let error = await #expect(throws: TaskError.self) { try await store.queues() }
        #expect(error?.code == .schemaMismatch)
        #expect(error?.description.contains("migrate()") == true)
        await store.close()
    }

    @Test(arguments: [Duration.seconds(40 * 86_400), .seconds(Int64.max)])
    func aCallTimeoutLongerThanTheServerCanBeToldIsAsLongAsItCan(timeout: Duration) async throws {
        let site = try await Site()
        let store = try site.store {
            $0.callTimeout = timeout
            $0.connectTimeout = timeout
        }
        let id = try await store.add("quick")
        #expect(try await store.record(id)?.status == .queued)
        await store.close()
    }

    /// Tried again, it would not be said before the test's time is over.
    @Test(arguments: [
        (["sslmode": "bogus"], "sslmode"), (["target_session_attrs": "bogus"], "target_session_attrs"),
        (["service": "nowhere"], "nowhere"), (["sslmode": "require"], "SSL"), (["options": "-c bogus=1"], "bogus"),
        (["options": "-c work_mem=0"], "work_mem"), (["client_encoding": "bogus", "options": "-c jit=bogus"], "jit"),
    ])
    func whatIsWrongWithTheAddressIsSaidAtOnce(parameters: [String: String], word: String) async throws {
        let server = try await PostgresServer.shared()
        let address = server.url(parameters: parameters)
        try await refusal(
            address,
            .storeUnavailable,
            saying: word,
            hiding: [server.password],
            callTimeout: .seconds(86_400)
        )
    }

    @Test func aPortThatIsNoneAndAPasswordThatIsMissingAreSaidAtOnce() async throws {
        let server = try await PostgresServer.shared()
        let day = Duration.seconds(86_400)
        let wrongPort = server.url(port: 99_999)
        try await refusal(wrongPort, .storeUnavailable, saying: "port", hiding: [server.password], callTimeout: day)
        let noPassword = try replaced(server.url(parameters: ["passfile": "/dev/null"])) { $0.password = nil }
        try await refusal(noPassword, .storeUnavailable, saying: "password", callTimeout: day)
    }

    @Test func tooManyConnectionsAreSaidWithWhatToDo() async throws {
        let server = try await PostgresServer.shared()
        let role = PostgresServer.uniqueName("crowd")
        try await server.sql("CREATE ROLE \(role) LOGIN PASSWORD 'crowded' CONNECTION LIMIT 0")
        let address = try replaced(server.url) {
            $0.user = role
            $0.password = "crowded"
        }
        try await refusal(address, .storeUnavailable, saying: "max_connections", callTimeout: .seconds(1))
        try await server.sql("DROP ROLE \(role)")
    }

    @Test func aServerThatIsAwayIsTriedAgainUntilItIsThere() async throws {
        let server = try await PostgresServer()
        let site = try await Site(on: server)
        try await server.stop()
        let store = try site.store { $0.callTimeout = .seconds(120) }
        let adding = Task { try await store.add("quick") }
        try await server.start()
        let id = try await adding.value
        #expect(try await store.record(id)?.status == .queued)
        await store.close()
        await server.remove()
    }

    @Test func onlyWhatMayPassIsTriedAgain() {
        // No right to a setting, unknown, out of range; no such database, wrong password, not supported.
        for state in ["42501", "42704", "22023", "3D000", "28P01", "28000", "0A000"] {
            #expect(!PostgresFault.refused(state: state, message: "no").mayPass)
        }
        // Too many connections, starting up, shutting down, ended by an administrator.
        for state in ["53300", "57P03", "57P01", "08006", "XX000"] {
            #expect(PostgresFault.refused(state: state, message: "not now").mayPass)
        }
        #expect(PostgresFault.late.mayPass)
        #expect(PostgresFault.disconnected("Connection refused").mayPass)
        // A pooler's only code.
        #expect(PostgresFault.refused(state: "08P01", message: "pgbouncer cannot connect to server").mayPass)
        #expect(!PostgresFault.refused(state: "08P01", message: "no such user").mayPass)
    }

    @Test func theServersCertificateIsVerifiedAndAWrongOneRefused() async throws {
        let server = try await PostgresServer(.init(requiresTLS: true))
        let other = try await PostgresServer(.init(requiresTLS: true))
        let application = PostgresServer.uniqueName("tls")
        let site = try await Site(on: server)
        let store = try site.store(server.url(parameters: ["application_name": application]))
        let id = try await store.add("quick")
        #expect(try await store.record(id)?.status == .queued)
        #expect(server.url.contains("verify-full"))
        #expect(
            try await site.count(
                "SELECT count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = '\(application)' AND NOT s.ssl"
            ) == 0
        )
        await store.close()

        let secrets = [server.password, server.directory?.path ?? ""]
        let foreign = try #require(other.directory).appendingPathComponent("server.crt").path
        let wrong = server.url(parameters: ["sslrootcert": foreign])
        try await refusal(wrong, .storeUnavailable, saying: "certificate", hiding: secrets + [foreign])
        let plain = server.url(parameters: ["sslmode": "disable"])
        try await refusal(plain, .storeUnavailable, saying: "no encryption", hiding: secrets)
        let missing = server.url(parameters: ["sslrootcert": "/nowhere/root.crt"])
        try await refusal(missing, .storeUnavailable, saying: "certificate", hiding: secrets + ["/nowhere"])
        await server.remove()
        await other.remove()
    }
}
