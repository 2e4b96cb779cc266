import Foundation
import TaskCore
import TaskStoreSQLite
import Testing

/// Whose file it is, and that the file alone is the store.
@Suite struct OneFileTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func afterTheEndTheFileAloneHoldsEverything() async throws {
        let store = try await scratch.store()
        let ids = try await store.enqueue(100)
        // Another process has it open, so the log is not deleted with the last connection.
        let foreign = try Foreign(scratch.path)
        #expect(try foreign.number("SELECT count(*) FROM task") == 100)
        await store.close()

        let copy = scratch.directory.appendingPathComponent("copy.sqlite").path
        try FileManager.default.copyItem(atPath: scratch.path, toPath: copy)
        let copied = try await SQLiteTaskStore(path: copy)
        #expect(try await copied.tasks(ids).allSatisfy { $0?.status == .queued })
        await copied.close()
        withExtendedLifetime(foreign) {}
    }

    @Test(arguments: [0, 1, 7])
    func anotherProgramsFileIsRefusedWhateverItsVersion(_ version: Int) async throws {
        let foreign = try Foreign(scratch.path)
        try foreign.run(
            "CREATE TABLE song (title TEXT); INSERT INTO song VALUES ('mine'); PRAGMA user_version = \(version)"
        )
        let store = try await SQLiteTaskStore(path: scratch.path)
        let error = await #expect(throws: TaskError.self) { try await store.migrate() }
        #expect(error?.code == .schemaMismatch && error?.message.contains("file of its own") == true)
        await store.close()
        #expect(try foreign.texts("SELECT name FROM sqlite_master") == ["song"])
    }

    @Test func aTaskWithTheLongestTimeoutIsClaimed() async throws {
        let longest: Duration = .seconds(10 * 366 * 86_400)
        let store = try await scratch.store()
        let task = try NewTask(name: "long", timeout: longest).validated()
        #expect(throws: TaskError.self) { try NewTask(name: "longer", timeout: longest + .seconds(1)).validated() }
        _ = try await store.enqueue([EnqueueRequest(task)])
        #expect(try await store.claim(1, by: WorkerID(rawValue: "w")).map(\.record.id) == [task.id])
        await store.close()
    }
}
