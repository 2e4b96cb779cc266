import Foundation
import TaskCore
import TaskStoreSQLite

/// A directory of its own for one test, deleted with it.
final class Scratch: Sendable {
    let directory: URL
    var path: String { directory.appendingPathComponent("tasks.sqlite").path }

    init(in parent: URL = FileManager.default.temporaryDirectory) throws {
        directory = parent.appendingPathComponent("taskcore-sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// An open, migrated store on the file.
    func store(_ options: SQLiteTaskStore.Options = .init()) async throws -> SQLiteTaskStore {
        let store = try await SQLiteTaskStore(path: path, options: options)
        try await store.migrate()
        return store
    }

    /// The size of the write-ahead log in bytes.
    var logSize: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        return (attributes?[.size] as? Int) ?? 0
    }
}

extension SQLiteTaskStore {
    /// Enqueues tasks of one name, all at once.
    @discardableResult
    func enqueue(_ count: Int, named name: String = "test") async throws -> [TaskID] {
        let tasks = (0..<count).map { _ in NewTask(name: name) }
        _ = try await enqueue(tasks.map { EnqueueRequest($0) })
        return tasks.map(\.id)
    }

    func claim(_ limit: Int, by worker: WorkerID, queue: String = "default") async throws -> [ClaimedTask] {
        try await claim(ClaimRequest(worker: worker, queues: [.init(queue, limit: limit)])).tasks
    }

    func complete(_ tasks: [ClaimedTask]) async throws -> [FinishResult] {
        try await finish(tasks.map { Finish(lease: $0.lease, outcome: .done(result: .null, followUps: [])) })
    }
}
