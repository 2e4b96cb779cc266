import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// Several programs that start at once migrate at once.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct MigratorsTests {
    @Test("migrators that waited for another one see what it did", .timeLimit(.minutes(1)), arguments: [true, false])
    func waiting(_ isNew: Bool) async throws {
        let schema = PostgresServer.uniqueName()
        let address = try await PostgresServer.shared().url
        let holder = try PlainConnection(address)
        if !isNew { try holder.run("CREATE SCHEMA \"\(schema)\"") }
        // The lock that a migrator holds.
        try holder.run("BEGIN")
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 5283920173))"
        try holder.run(lock, ["taskcore migration of \"\(schema)\""])
        let stores = try (0..<3).map { _ in
            try PostgresTaskStore(address, options: .init(schema: schema))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores { group.addTask { try await store.migrate() } }
            let waiting = """
                SELECT count(*) FROM pg_locks w JOIN pg_locks h USING (locktype, database, classid, objid, objsubid)
                WHERE w.locktype = 'advisory' AND NOT w.granted AND h.pid = pg_backend_pid()
                """
            while try holder.value(waiting) != "3" { try await Task.sleep(for: .milliseconds(10)) }
            try holder.run("COMMIT")
            try await group.waitForAll()
        }
        for store in stores {
            #expect(try await store.schemaVersion() == PostgresTaskStore.latestSchemaVersion)
            await store.close()
        }
        try holder.run("DROP SCHEMA \"\(schema)\" CASCADE")
    }
}
