import Foundation
import InMemoryLogging
import Logging
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// What an operator is warned of: transactions that keep dead rows alive, and dead rows that nobody removes.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct HealthTests {
    /// What keeps PostgreSQL from removing the rows that died since.
    enum Holder: String, CaseIterable {
        /// A dump, or a forgotten transaction that is to see one state of things.
        case snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1"
        /// A transaction that wrote something and was forgotten: no snapshot is left between its statements.
        case identifier = "BEGIN; SELECT pg_current_xact_id()"
        /// A cursor that nobody reads to its end.
        case cursor = "BEGIN; DECLARE c CURSOR FOR SELECT generate_series(1, 100); FETCH c"
    }

    @Test(arguments: Holder.allCases)
    func aTransactionThatIsHeldForMinutesIsWarnedOfAndMeasured(_ holder: Holder) async throws {
        let place = try await HealthSite()
        #expect(try await place.lookAgain() == [])
        #expect((place.oldestSnapshots.last ?? .infinity) < 300)

        let session = try PsqlSession(place.site.url(application: place.application))
        await session.run(holder.rawValue)
        let seconds = try await place.lookAgain()
        #expect(seconds.count == 1)
        #expect(seconds.allSatisfy { (600..<900).contains($0) }, "\(seconds)")
        #expect((place.oldestSnapshots.last ?? 0) >= 600)

        await session.run("COMMIT")
        #expect(try await place.lookAgain() == seconds)
        #expect((place.oldestSnapshots.last ?? .infinity) < 300)
        await place.observed.store.close()
    }

    @Test func aPreparedTransactionThatNobodyCommitsIsWarnedOfAndMeasured() async throws {
        let server = try await PostgresServer(.init(settings: ["max_prepared_transactions": "2"]))
        let place = try await HealthSite(on: server)
        #expect(try await place.lookAgain() == [])
        try await server.sql("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION '\(place.application)'")
        #expect(try await place.lookAgain().count == 1)
        #expect((place.oldestSnapshots.last ?? 0) >= 600)
        try await server.sql("ROLLBACK PREPARED '\(place.application)'")
        #expect(try await place.lookAgain().count == 1)
        #expect((place.oldestSnapshots.last ?? .infinity) < 300)
        await place.observed.store.close()
        await server.remove()
    }

    @Test func aSessionThatIsIdleForMinutesIsNotWarnedOf() async throws {
        let place = try await HealthSite()
        let session = try PsqlSession(place.site.url(application: place.application))
        // Neither a session without a transaction nor one whose transaction has looked at nothing yet keeps anything.
        await session.run("SELECT 1")
        #expect(try await place.lookAgain() == [])
        await session.run("BEGIN; SELECT 1")
        #expect(try await place.lookAgain() == [])
        await place.observed.store.close()
    }

    @Test func aVacuumThatTakesLongIsNotWarnedOfForItKeepsNoRows() async throws {
        let place = try await HealthSite()
        _ = try await place.site.sql("CREATE TABLE {s}.large AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
        let session = try PsqlSession(place.site.url(application: place.application))
        await session.run("SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1")
        session.start("VACUUM (FREEZE) \"\(place.site.schema)\".large")
        try await place.site.wait(
            until:
                "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(place.application)' AND backend_xmin IS NOT NULL)"
        )
        #expect(try await place.lookAgain() == [])
        #expect(
            try await place.site.count(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '\(place.application)' AND state = 'active'"
            ) == 1,
            "the vacuum was over too early for this test to say anything"
        )
        await place.observed.store.close()
        try await place.site.server.terminate(application: place.application)
    }

    @Test func deadRowsThatNobodyRemovesAreWarnedOfAndMeasured() async throws {
        let place = try await HealthSite()
        _ = try await place.site.sql("ALTER TABLE {s}.task_live SET (autovacuum_enabled = off)")
        _ = try await place.lookAgain()
        #expect(place.observed.values("taskcore_postgres_dead_rows") == [0])
        _ = try await place.site.sql(
            """
            INSERT INTO {s}.task_live (id, seq, run_at, created_at, updated_at, rank, state, queue)
            SELECT gen_random_uuid(), n, now(), now(), now(), 0, 1, 'q' FROM generate_series(1, 200001) n;
            DELETE FROM {s}.task_live;
            """
        )
        // The server counts them when the session is over, a moment later.
        try await place.site.wait(until: "pg_stat_get_dead_tuples('{s}.task_live'::regclass) > 200000")
        _ = try await place.lookAgain()
        #expect(place.observed.values("taskcore_postgres_dead_rows").last == 200_001)
        #expect(
            place.observed.warnings("dead rows; look whether autovacuum runs").map { $0.metadata["dead"] } == ["200001"]
        )
        _ = try await place.site.sql("VACUUM {s}.task_live")
        try await place.site.wait(until: "pg_stat_get_dead_tuples('{s}.task_live'::regclass) = 0")
        _ = try await place.lookAgain()
        #expect(place.observed.warnings("dead rows; look").count == 1)
        await place.observed.store.close()
    }

    @Test func ofManyStoresThatSweepAtOnceOneLooks() async throws {
        let place = try await HealthSite()
        let others = try (0..<4).map { _ in try ObservedStore(place.site) }
        let all = others + [place.observed]
        for round in 1...10 {
            try await place.makeDue()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for observed in all { group.addTask { _ = try await observed.store.rescue(limit: 100) } }
                try await group.waitForAll()
            }
            #expect(all.reduce(0) { $0 + $1.values("taskcore_postgres_dead_rows").count } == round)
        }
        for observed in all { await observed.store.close() }
    }
}

/// A site whose store believes that the transactions of one application have been open for ten minutes longer than they have.
struct HealthSite {
    let site: Site
    let observed: ObservedStore
    let application = PostgresServer.uniqueName("holder")

    init(on server: PostgresServer? = nil) async throws {
        site = try await Site(on: server)
        let past = PostgresServer.uniqueName("past")
        // Found before the server's own views by the store's sessions, and by nobody else's.
        _ = try await site.sql(
            """
            CREATE SCHEMA \(past);
            CREATE VIEW \(past).pg_stat_activity AS
            SELECT
                a.pid, a.datname, a.application_name, a.backend_type, a.backend_xid, a.backend_xmin, a.state, a.query, a.backend_start,
                a.xact_start - CASE a.application_name WHEN '\(application)' THEN interval '10 min' ELSE '0' END AS xact_start
            FROM pg_catalog.pg_stat_activity a;
            CREATE VIEW \(past).pg_prepared_xacts AS
            SELECT
                p.transaction, p.gid, p.owner, p.database,
                p.prepared - CASE p.gid WHEN '\(application)' THEN interval '10 min' ELSE '0' END AS prepared
            FROM pg_catalog.pg_prepared_xacts p;
            """
        )
        observed = try ObservedStore(
            site,
            site.server.url(parameters: ["options": "-c search_path=\(past),pg_catalog"])
        )
    }

    func makeDue() async throws {
        _ = try await site.sql("UPDATE {s}.maintenance SET next_at = now() WHERE name = 'health'")
    }

    /// Has the store look at the database, and answers the ages that it has warned of so far, in seconds.
    func lookAgain() async throws -> [Int] {
        try await makeDue()
        _ = try await observed.store.rescue(limit: 100)
        return observed.warnings("an old transaction keeps PostgreSQL from removing dead rows")
            .compactMap { $0.metadata["seconds"]?.description }.compactMap { Int($0) }
    }

    var oldestSnapshots: [Double] { observed.values("taskcore_postgres_oldest_snapshot_seconds") }
}
