import Foundation
import GRDB
import TaskCore
@testable import TaskStoreSQLite
import Testing

@Suite(.timeLimit(.minutes(3))) struct MigrationTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func theSchemaGoesUpDownAndUpAgain() async throws {
        let store = try await SQLiteTaskStore(path: scratch.path)
        #expect(try await store.schemaVersion() == 0)
        let early = await #expect(throws: TaskError.self) { try await store.enqueue(1) }
        #expect(early?.code == .schemaMismatch && early?.message.contains("migrate()") == true)

        try await store.migrate()
        #expect(try await store.schemaVersion() == SQLiteTaskStore.latestSchemaVersion)
        try await store.enqueue(3)
        try await store.migrate()
        #expect(try await store.statistics(StatisticsQuery()).counts == [.queued: 3], "repeating it changes nothing")

        try await store.migrate(to: 0)
        #expect(try await store.schemaVersion() == 0)
        #expect(try Foreign(scratch.path).texts("SELECT name FROM sqlite_master") == [])
        try await store.migrate()
        #expect(try await store.statistics(StatisticsQuery()).counts == [:])
        try await store.enqueue(1)
        #expect(try await store.claim(1, by: WorkerID(rawValue: "w")).count == 1)
        await store.close()
    }

    @Test func storesThatOpenOneNewFileAtOnceAllWork() async throws {
        let path = scratch.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let store = try await SQLiteTaskStore(path: path)
                    try await store.migrate()
                    try await store.enqueue(10)
                    await store.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try Foreign(path).number("SELECT count(*) FROM task") == 80)
    }

    @Test func aNewerSchemaIsRefusedAndLeftAsItIs() async throws {
        let store = try await scratch.store()
        try await store.enqueue(3)
        await store.close()
        try Foreign(scratch.path).run("PRAGMA user_version = 99")

        let old = try await SQLiteTaskStore(path: scratch.path)
        for target in [0, SQLiteTaskStore.latestSchemaVersion] {
            let error = await #expect(throws: TaskError.self) { try await old.migrate(to: target) }
            #expect(error?.code == .schemaMismatch)
            #expect(error?.message.contains("version 99") == true && error?.message.contains("newer program") == true)
        }
        #expect(try Foreign(scratch.path).number("SELECT count(*) FROM task") == 3)
        await old.close()
    }

    @Test func aVersionThatThereIsNotIsRefused() async throws {
        let store = try await scratch.store()
        for target in [-1, SQLiteTaskStore.latestSchemaVersion + 1] {
            let error = await #expect(throws: TaskError.self) { try await store.migrate(to: target) }
            #expect(error?.code == .schemaMismatch)
        }
        await store.close()
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() async throws {
        let content = Data(String(repeating: "This is a letter, not a database. ", count: 500).utf8)
        try content.write(to: URL(fileURLWithPath: scratch.path))
        let error = await #expect(throws: TaskError.self) {
            let store = try await SQLiteTaskStore(path: scratch.path)
            try await store.migrate()
        }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.message.contains("not an SQLite database") == true)
        #expect(error?.message.contains(scratch.path) == false)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path)) == content)
    }

    @Test func aDamagedFileIsReported() async throws {
        let store = try await scratch.store()
        try await store.enqueue(2000)
        await store.close()
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 200_000))
        try file.close()

        let error = await #expect(throws: TaskError.self) {
            let damaged = try await SQLiteTaskStore(path: scratch.path)
            try await damaged.migrate()
            _ = try await damaged.list(TaskQuery(limit: 1000))
        }
        #expect(error?.code == .storeUnavailable && error?.message.contains("damaged") == true)
    }

    @Test func anotherProgramsTablesAreLeftAlone() async throws {
        let foreign = try Foreign(scratch.path)
        try foreign.run(
            "CREATE TABLE task (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO task (title) VALUES ('mine')"
        )
        let store = try await SQLiteTaskStore(path: scratch.path)
        let error = await #expect(throws: TaskError.self) { try await store.migrate() }
        #expect(error?.code == .schemaMismatch && error?.message.contains("file of its own") == true)
        #expect(try foreign.texts("SELECT title FROM task") == ["mine"])
        await store.close()
    }

    @Test func aMissingDirectoryIsReportedWithoutItsPath() async throws {
        let path = scratch.directory.appendingPathComponent("missing/tasks.sqlite").path
        let error = await #expect(throws: TaskError.self) { _ = try await SQLiteTaskStore(path: path) }
        #expect(error?.code == .storeUnavailable && error?.message.contains("missing/") == false)
    }

    // MARK: Steps to come

    /// This program's schema and a step that a later one might add.
    private static let next = Schema(
        migrations: Schema.current.migrations + [
            .init(
                up: "ALTER TABLE task ADD COLUMN note TEXT; UPDATE task SET note = 'kept ' || name",
                down: "ALTER TABLE task DROP COLUMN note"
            )
        ]
    )

    @Test func tasksSurviveAStepUpAndDown() async throws {
        let store = try await scratch.store()
        let worker = WorkerID(rawValue: "w")
        let ids = try await store.enqueue(20)
        _ = try await store.complete(try await store.claim(5, by: worker))
        _ = try await store.claim(5, by: worker)
        let before = try await store.tasks(ids)
        let history = try await store.attempts(of: ids[0])
        let cursor = try await store.changes(since: nil, limit: 1).cursor

        let later = try DatabaseQueue(path: scratch.path)
        try await later.write { try Self.next.migrate($0, to: 2) }
        #expect(try Foreign(scratch.path).texts("SELECT DISTINCT note FROM task") == ["kept test"])
        // The program of before goes on with the file while it runs.
        #expect(try await store.tasks(ids) == before)
        let claimed = try await store.claim(1, by: worker)
        #expect(try await store.complete(claimed) == [.accepted(.done)])

        try await later.write { try Self.next.migrate($0, to: 1) }
        try later.close()
        let again = try await scratch.store()
        let changed = try #require(claimed.first).record.id
        for (id, record) in zip(ids, before) where id != changed {
            #expect(try await again.tasks([id]) == [record])
        }
        #expect(try await again.attempts(of: ids[0]) == history)
        #expect(try await again.changes(since: cursor, limit: 10).ids == [changed])
        await again.close()
        await store.close()
    }

    @Test func aStepThatFailsLeavesTheFileAsItWas() async throws {
        let store = try await scratch.store()
        let ids = try await store.enqueue(5)
        let broken = Schema(
            migrations: Schema.current.migrations + [
                .init(up: "ALTER TABLE task ADD COLUMN note TEXT; DELETE FROM task; SELECT nonsense", down: "")
            ]
        )
        let later = try DatabaseQueue(path: scratch.path)
        await #expect(throws: DatabaseError.self) { try await later.write { try broken.migrate($0, to: 2) } }
        try later.close()
        #expect(try await store.schemaVersion() == 1)
        #expect(try await store.tasks(ids).allSatisfy { $0 != nil })
        await store.close()
    }
}
