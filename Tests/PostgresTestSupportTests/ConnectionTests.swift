import Foundation
import PostgresTestSupport
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(2))) struct ConnectionTests {
    @Test func aProxyForwardsAndCounts() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try TCPProxy(to: server.port)
        let answer = try await server.sql(
            "SELECT length(repeat('x', 3000000)), repeat('x', 3000000)",
            database: url(proxy)
        )
        #expect(answer.first?.first == "3000000" && answer.first?.last??.count == 3_000_000)
        let counters = await proxy.counters()
        #expect(counters.accepted == 1 && counters.replyBytes > 3_000_000 && counters.requestBytes > 50)
    }

    @Test func aMutedProxyHoldsBackAndForwardsLater() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try TCPProxy(to: server.port)
        await proxy.mute()
        let url = try await url(proxy)
        let query = Task { try await server.sql("SELECT 1", database: url) }
        while await proxy.counters().accepted == 0 { await Task.yield() }
        var counters = await proxy.counters()
        #expect(counters.requestBytes == 0 && counters.open == 1)
        await proxy.unmute()
        #expect(try await query.value == [["1"]])
        counters = await proxy.counters()
        #expect(counters.requestBytes > 0)
    }

    @Test func aReplyCanBeLostWhenItsCommitIsDone() async throws {
        let server = try await PostgresServer.shared()
        let database = try await server.database()
        try await server.sql("CREATE TABLE t (n int)", database: database)
        let holder = Task { try await server.sql("SELECT pg_advisory_lock(1), pg_sleep(3600)", database: database) }
        let locks = "SELECT FROM pg_locks WHERE locktype = 'advisory'"
        try await server.wait(until: "EXISTS (\(locks) AND granted)", database: database)
        let proxy = try TCPProxy(to: server.port)
        let through = PostgresServer.url(database, port: proxy.port)
        let writer = Task { try await server.sql("INSERT INTO t SELECT 1 FROM pg_advisory_lock(1)", database: through) }
        try await server.wait(until: "EXISTS (\(locks) AND NOT granted)", database: database)

        await proxy.mute(.replies)
        try await server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
            database: database
        )
        try await server.wait(until: "EXISTS (SELECT FROM t)", database: database)
        await proxy.cutAll()
        await #expect(throws: Command.Failed.self) { try await writer.value }
        #expect(await proxy.counters().open == 0)
        _ = await holder.result
        try await server.drop(database)
    }

    @Test func aSlowLinkTakesItsTimeInBothDirections() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try TCPProxy(to: server.port)
        await proxy.delay(milliseconds: 30)
        let began = ContinuousClock.now
        #expect(try await server.sql("SELECT 1", database: url(proxy)) == [["1"]])
        // At least the handshake, the password and the query, there and back.
        #expect(ContinuousClock.now - began >= .milliseconds(2 * 3 * 30))
    }

    @Test func cuttingEndsConnectionsAndRefusingKeepsNewOnesAway() async throws {
        let server = try await PostgresServer.shared()
        let proxy = try TCPProxy(to: server.port)
        let name = PostgresServer.uniqueName("app")
        let url = server.url(port: proxy.port, parameters: ["application_name": name])
        let sleeper = Task { try await server.sql("SELECT pg_sleep(3600)", database: url) }
        try await server.wait(
            until: "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(name)' AND state = 'active')"
        )
        await proxy.cutAll()
        await #expect(throws: Command.Failed.self) { try await sleeper.value }
        await proxy.refuse()
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1", database: url) }
        await proxy.refuse(false)
        #expect(try await server.sql("SELECT 1", database: url) == [["1"]])
        #expect(await proxy.counters().refused == 1)
        try await server.terminate(application: name)
    }

    @Test(.enabled(if: PgBouncer.isAvailable))
    func pgBouncerForwardsManyClientsOverFewConnectionsAndSurvivesItsEnd() async throws {
        let server = try await PostgresServer()
        let bouncer = try await PgBouncer(before: server, poolSize: 2)
        let url = bouncer.url(try await server.database())
        let pids = try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await server.sql("SELECT pg_backend_pid()", database: url) } }
            return try await group.reduce(into: Set<[[String?]]>()) { $0.insert($1) }
        }
        #expect((1...2).contains(pids.count))
        #expect(try await bouncer.admin("SHOW CONFIG").contains { $0.starts(with: ["pool_mode", "transaction"]) })
        bouncer.kill()
        await #expect(throws: Command.Failed.self) { try await server.sql("SELECT 1", database: url) }
        try await bouncer.start()
        #expect(try await server.sql("SELECT 1", database: url) == [["1"]])
    }

    private func url(_ proxy: TCPProxy) async throws -> String {
        try await PostgresServer.shared().url(port: proxy.port)
    }
}
