import Foundation
import PostgresTestSupport
import TaskCore
@testable import TaskStorePostgres
import TestSupport
import Testing

/// The hot statements find rows by index and place, whatever the statistics say: of tables analysed while they were empty.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct QueryPlanTests {
    /// A statement, its parameters' types, and what its plan must walk.
    private struct Hot {
        let name: String
        let sql: String
        let types: [String]
        let index: String
    }

    private func statements(_ sql: SQLText) -> [Hot] {
        let live = """
            uuid[] int8[] timestamptz[] timestamptz[] timestamptz[] timestamptz[] timestamptz[] timestamptz[] int8[] int8[] int8[] int4[] \
            int4[] int4[] int2[] text[] text[] text[] text[] text[] text[]
            """
        return [
            ("claim_take", sql.claimTake, "text int8 text int8 int4 int8", "task_live_ready"),
            ("finish_done", sql.finishDone, "uuid[] int8[] text[] text[]", "task_live_pkey"),
            ("live_update", sql.liveUpdate, live, "task_live_pkey"),
            ("beat_lost", sql.beatLost, "uuid[] int8[] text[]", "task_live_pkey"),
            ("rescue_find", sql.rescueFind, "text[] int8", "task_live_running"),
        ].map { Hot(name: $0, sql: $1.sql, types: $2.split(separator: " ").map(String.init), index: $3) }
    }

    @Test func hotStatementsKeepToTheirIndexesWithStaleStatistics() async throws {
        let site = try await Site()
        let store = try site.store()
        // Nobody may come by and look how many tasks there are.
        for table in ["task", "task_live", "task_done", "worker", "change"] {
            _ = try await site.sql("ALTER TABLE {s}.\(table) SET (autovacuum_enabled = off); ANALYZE {s}.\(table)")
        }
        let hot = statements(SQLText(schema: site.schema))
        let planning = ConnectionSettings.planning(isLocal: false).statement.sql.replacing("$1", with: "false")
        let early = try await session(site, planning, hot)
        try await check(hot, early, "planned while empty")
        for _ in 0..<25 {
            let tasks = (0..<2000).map { _ in EnqueueRequest(NewTask(name: "quick")) }
            _ = try await store.enqueue(tasks)
        }
        _ = try await store.claim(1000)
        try await check(hot, early, "planned while empty, 50 000 later")
        try await check(hot, try await session(site, planning, hot), "planned with stale statistics")
        await store.close()
    }

    private func session(_ site: Site, _ planning: String, _ hot: [Hot]) async throws -> PsqlSession {
        let session = try PsqlSession(site.url)
        await session.run(planning)
        for statement in hot {
            await session.run(
                "PREPARE \(statement.name) (\(statement.types.joined(separator: ","))) AS \(statement.sql)"
            )
        }
        return session
    }

    private func check(_ hot: [Hot], _ session: PsqlSession, _ when: String) async throws {
        for statement in hot {
            let values = statement.types.map { $0.hasSuffix("[]") ? "'{}'" : $0 == "text" ? "'default'" : "10" }
            let plan = await session.run("EXPLAIN EXECUTE \(statement.name) (\(values.joined(separator: ",")))")
            let text = plan.joined(separator: "\n")
            let comment = Comment(rawValue: "\(statement.name), \(when):\n\(text)")
            #expect(plan.contains { $0.contains("using \(statement.index) ") }, comment)
            #expect(
                !plan.contains { $0.contains("Seq Scan on task") || $0.contains("Bitmap Heap Scan on task") },
                comment
            )
            if statement.name == "claim_take" { #expect(text.contains("Tid Scan on task_live"), comment) }
            if statement.index == "task_live_pkey" { #expect(!text.contains("task_live_running"), comment) }
        }
    }
}
