import Foundation
import Logging
import TaskCore
import TaskStorePostgres
import TaskStoreSQLite

/// Where tasks are kept while they are measured: a schema or a file of this run's own.
struct BenchPlace: Sendable {
    enum Kind: Sendable {
        case memory
        case sqlite(path: String)
        case postgres(address: String)
    }

    let kind: Kind
    let argument: String
    let schema: String

    init(_ argument: String, schema: String?) throws {
        self.argument = argument
        self.schema = schema ?? "taskcore_bench_\(UInt32.random(in: .min ... .max))"
        if argument == "memory" {
            kind = .memory
        } else if argument.hasPrefix("sqlite:") {
            let folder = URL(fileURLWithPath: String(argument.dropFirst("sqlite:".count)))
            kind = .sqlite(path: folder.appendingPathComponent("\(self.schema).sqlite").path)
        } else if argument.hasPrefix("postgres://") || argument.hasPrefix("postgresql://") {
            kind = .postgres(address: argument)
        } else {
            throw BenchError("'\(argument)' is no store: write memory, sqlite:FOLDER or postgres://…")
        }
    }

    /// Another one at the same place.
    func beside(_ name: String) throws -> BenchPlace { try BenchPlace(argument, schema: "\(schema)_\(name)") }

    /// Holds back what the server may clean away, by a snapshot in a session of its own, until the connection is let go.
    func pin() throws -> LeanConnection {
        guard case .postgres(let address) = kind else { throw BenchError("only PostgreSQL has snapshots to pin") }
        let connection = try LeanConnection(address)
        try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try connection.run("SELECT 1 FROM pg_class LIMIT 1")
        return connection
    }

    func open() async throws -> TaskManager {
        let store: any TaskStore =
            switch kind {
            case .memory: MemoryTaskStore()
            case .sqlite(let path): try await SQLiteTaskStore(path: path)
            case .postgres(let address):
                try PostgresTaskStore(address, options: .init(schema: schema, logger: .quiet))
            }
        return try await TaskManager(store: store, logger: .quiet)
    }

    /// Opens an empty store, and removes it afterwards.
    func withFreshStore(_ body: (TaskManager) async throws -> Void) async throws {
        defer { remove() }
        let manager = try await open()
        do {
            try await body(manager)
        } catch {
            await manager.close()
            throw error
        }
        await manager.close()
    }

    private func remove() {
        switch kind {
        case .memory: break
        case .sqlite(let path):
            for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
        case .postgres(let address):
            _ = try? LeanConnection(address).run("DROP SCHEMA IF EXISTS \(schema) CASCADE")
        }
    }

    /// How many tasks are done, counted by SQL where there is any.
    func countDone(_ manager: TaskManager) async throws -> Int {
        guard case .postgres(let address) = kind else { return try await manager.statistics().counts[.done] ?? 0 }
        let rows = try LeanConnection(address).run("SELECT count(*) FROM \(schema).task_done WHERE state = 3")
        return rows.first?.first.flatMap { Int($0) } ?? 0
    }

    /// Whether any task is still to be run.
    func isDrained(_ manager: TaskManager) async throws -> Bool {
        try await manager.queues().isEmpty
    }

    func ceiling() throws -> Ceiling? {
        guard case .postgres(let address) = kind else { return nil }
        return try Ceiling(address, schema: "\(schema)_lean")
    }
}

extension Logger {
    /// Says only what went wrong.
    static var quiet: Logger {
        var logger = Logger(label: "tasks-bench")
        logger.logLevel = .error
        return logger
    }
}
