import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// Numbers that no caller should pass are refused or cut; they never end the process.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct ArgumentTests {
    @Test(arguments: [
        NewTask(name: "quick", priority: .max), NewTask(name: "quick", priority: .min),
        NewTask(name: "quick", maxAttempts: .max), NewTask(name: "quick", maxAttempts: .min),
        NewTask(name: "quick", timeout: .seconds(Int64.max)), NewTask(name: "quick", timeout: .seconds(-1)),
        NewTask(name: "quick", idempotency: IdempotencyKey("k", timeToLive: .seconds(Int64.min))),
    ])
    func aNumberOutOfRangeIsRefusedWhereverATaskMayCarryIt(task: NewTask) async throws {
        let site = try await Site()
        let store = try site.store()
        try await store.add("quick")
        let lease = try #require(try await store.claim(1).first).lease
        var keyed = task
        keyed.uniqueKey = "u"
        for task in [task, keyed, NewTask(name: "quick", followUps: [task])] {
            await refused { _ = try await store.enqueue([EnqueueRequest(task)]) }
            await refused {
                _ = try await store.finish([Finish(lease: lease, outcome: .done(result: .null, followUps: [task]))])
            }
        }
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 1)
        await store.close()
    }

    @Test(arguments: [
        TaskChanges(priority: .max), TaskChanges(priority: .min), TaskChanges(maxAttempts: .max),
        TaskChanges(maxAttempts: .min),
    ])
    func aNumberOutOfRangeIsRefusedAsAChange(changes: TaskChanges) async throws {
        let site = try await Site()
        let store = try site.store()
        let id = try await store.add("quick")
        await refused { _ = try await store.update(id, changes: changes, expectedVersion: nil) }
        _ = try await store.cancel(.ids([id]), limit: 1)
        await refused { _ = try await store.retry(.ids([id]), changes: changes, limit: 1) }
        await store.close()
    }

    @Test(arguments: [Int.max, .min, 0]) func anyLimitOfChangesIsAnswered(limit: Int) async throws {
        let site = try await Site()
        let store = try site.store()
        let start = try await store.changes(since: nil, limit: limit).cursor
        let id = try await store.add("quick")
        #expect(try await store.changes(since: start, limit: limit).ids == [id])
        await store.close()
    }

    @Test(arguments: [
        "1:9223372036854775807:||0|0", "1:9223372036854775808:||0|0", "1:18446744073709551615:||0|0",
        "9223372036854775808:9223372036854775808:||0|0", "1:9223372036854775808:9223372036854775807||0|0",
        "5:9:6|1:9223372036854775808:|0|0", "18446744073709551616:18446744073709551616:||0|0",
        "5:9:6||9223372036854775807|9223372036854775807", "9223372036854775807:9223372036854775807:||0|0",
    ])
    func aCursorThatNoServerMadeIsAnsweredAsOneThatIsTooOld(cursor: String) async throws {
        let site = try await Site()
        let store = try site.store()
        try await store.add("quick")
        let page = try await store.changes(since: ChangeCursor(rawValue: cursor), limit: 10)
        // One within the server's past is only another place.
        if !cursor.hasPrefix("5:9:6||") { #expect(page.ids.isEmpty && !page.isComplete) }
        let start = try await store.changes(since: nil, limit: 10).cursor
        #expect(try await store.changes(since: start, limit: 10).isComplete)
        await store.close()
    }

    private func refused(_ call: () async throws -> Void) async {
        await #expect { try await call() } throws: { ($0 as? TaskError)?.code == .invalidInput }
    }
}
