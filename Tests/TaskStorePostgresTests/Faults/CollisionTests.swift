import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 12: transactions that meet.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct CollisionTests {
    @Test func aCallThatLosesADeadlockIsCarriedOutOnceTheOtherIsThrough() async throws {
        let site = try await Site()
        let application = PostgresServer.uniqueName("victim")
        // It looks for a deadlock long before the other does.
        let address = site.server.url(
            parameters: ["application_name": application, "options": "-c deadlock_timeout=2s"]
        )
        let store = try site.store(address)
        let ids = [try await store.add("quick"), try await store.add("quick")].sorted()
        let deadlocks = "(SELECT deadlocks FROM pg_stat_database WHERE datname = current_database())"
        let before = try await site.count("SELECT \(deadlocks)")
        let lock = "SELECT FROM \"\(site.schema)\".task_live WHERE id ="

        let other = try PsqlSession(site.url)
        await other.run("SET deadlock_timeout = '120s'; BEGIN; \(lock) '\(ids[1])' FOR UPDATE")
        async let answer = store.cancel(.ids(ids), limit: 2)
        try await site.wait(
            until:
                "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(application)' AND wait_event_type = 'Lock')"
        )
        await other.run("\(lock) '\(ids[0])' FOR UPDATE")
        await other.run("COMMIT")
        for result in try await answer {
            guard case .accepted(.cancelled, _) = result.outcome else {
                Issue.record("\(result)")
                continue
            }
        }
        try await site.wait(until: "\(deadlocks) > \(before)")
        #expect(try await HistoryChecker(site: site).check(acknowledged: ids).violations == [])
        await store.close()
    }

    /// Makes the first changes of tasks fail with a SQLSTATE, and counts all tries.
    private func sabotage(_ site: Site, _ state: String, times: Int) async throws {
        _ = try await site.sql(
            """
            CREATE SEQUENCE {s}.tries;
            CREATE FUNCTION {s}.sabotage() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF nextval('{s}.tries') <= \(times) THEN RAISE EXCEPTION 'sabotage' USING ERRCODE = '\(state)'; END IF;
                RETURN coalesce(NEW, OLD);
            END $$;
            CREATE TRIGGER sabotage BEFORE UPDATE OR DELETE ON {s}.task_live FOR EACH ROW EXECUTE FUNCTION {s}.sabotage();
            """
        )
    }

    @Test(arguments: ["40001", "40P01"]) func aCollisionIsRepeatedUnseen(state: String) async throws {
        let site = try await Site()
        let store = try site.store()
        let id = try await store.add("quick")
        let claimed = try #require(try await store.claim(1).first)
        try await sabotage(site, state, times: 3)
        #expect(try await store.finish([claimed.done("7")]) == [.accepted(.done)])
        #expect(try await site.count("SELECT last_value FROM {s}.tries") == 4)
        #expect(try await store.record(id)?.result?.text == "7")
        #expect(try await HistoryChecker(site: site).check(acknowledged: [id]).violations == [])
        await store.close()
    }

    @Test(arguments: ["40001", "40P01"]) func collisionsWithoutEndAreGivenUpAndNothingIsWritten(state: String)
        async throws
    {
        let site = try await Site()
        let store = try site.store()
        let id = try await store.add("quick")
        let claimed = try #require(try await store.claim(1).first)
        let before = try await store.record(id)
        try await sabotage(site, state, times: 1_000_000)
        let error = await #expect(throws: TaskError.self) { try await store.finish([claimed.done()]) }
        #expect(error?.code == .storeUnavailable)
        let tries = try await site.count("SELECT last_value FROM {s}.tries")
        #expect((2...20).contains(tries))
        #expect(try await store.record(id) == before)
        await store.close()
    }
}
