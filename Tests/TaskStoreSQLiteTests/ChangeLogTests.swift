import TaskCore
import TaskStoreSQLite
import Testing

@Suite struct ChangeLogTests {
    @Test func theLogOfChangesIsBoundedAndSaysWhatItForgot() async throws {
        let scratch = try Scratch()
        let store = try await scratch.store()
        let start = try await store.changes(since: nil, limit: 1).cursor
        // 6 000 commits of 64 tasks each, as if long ago.
        try Foreign(scratch.path).run(
            """
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
            INSERT INTO change (number, total, kinds, origin, ids) SELECT i, i * 64, 2, 1, zeroblob(1024) FROM n
            """
        )
        for _ in 0..<64 { try await store.enqueue(1) }

        let foreign = try Foreign(scratch.path)
        let kept = try foreign.number("SELECT sum(length(ids)) / 16 FROM change")
        #expect((262_144...262_144 + 64 * 64).contains(kept))
        #expect(try await !store.changes(since: start, limit: 10).isComplete)

        // From what is kept on, nothing is missing.
        let now = try await store.changes(since: nil, limit: 1).cursor
        let ids = try await store.enqueue(3)
        let page = try await store.changes(since: now, limit: 10)
        #expect(page.isComplete && page.ids == ids)
        await store.close()
    }
}
