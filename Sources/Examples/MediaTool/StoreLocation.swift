import ArgumentParser
import Foundation
import Logging
import TaskCore
import TaskStorePostgres
import TaskStoreSQLite

/// Where tasks are kept: `sqlite:PATH`, `postgres://…` or `memory`.
enum StoreLocation {
    case sqlite(path: String)
    /// The address as libpq takes it, which may hold a password.
    case postgres(address: String)
    case memory

    static let forms = "sqlite:PATH, postgres://USER@HOST/DATABASE"

    /// Reads the value of `--store`.
    init(_ argument: String) throws {
        if argument == "memory" {
            self = .memory
        } else if argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count {
            self = .sqlite(path: String(argument.dropFirst("sqlite:".count)))
        } else if argument.hasPrefix("postgres://") || argument.hasPrefix("postgresql://") {
            self = .postgres(address: argument)
        } else if argument.hasPrefix("postgres:") {
            // What follows is libpq's 'host=… dbname=…'; nothing means all from its environment variables.
            self = .postgres(address: String(argument.dropFirst("postgres:".count)))
        } else {
            throw ValidationError("That is no store: write \(Self.forms) or memory.")
        }
    }

    /// Opens the store.
    ///
    /// - Parameter creating: Whether a database that is not there yet is made; without, it is an error.
    func open(creating: Bool, logger: Logger) async throws -> TaskManager {
        switch self {
        case .memory:
            return try await TaskManager(store: MemoryTaskStore(), logger: logger)
        case .sqlite(let path):
            try Self.prepare(path: path, creating: creating)
            return try await TaskManager(store: SQLiteTaskStore(path: path), logger: logger)
        case .postgres(let address):
            let store = try Self.postgres(address, logger: logger)
            if !creating, try await store.schemaVersion() == 0 {
                throw ToolError("There are no tasks in that database. 'media-tool process' makes the tables for them.")
            }
            return try await TaskManager(store: store, logger: logger)
        }
    }

    static func postgres(_ address: String, schema: String? = nil, logger: Logger) throws -> PostgresTaskStore {
        // Somebody sits and waits; what works goes on trying by itself.
        var options = PostgresTaskStore.Options(
            callTimeout: .seconds(10),
            connectTimeout: .seconds(5),
            logger: logger
        )
        if let schema { options.schema = schema }
        return try PostgresTaskStore(address, options: options)
    }

    /// Makes the folder for a database, or makes sure that the database is there.
    static func prepare(path: String, creating: Bool) throws {
        guard creating else {
            guard !isMissingOrEmpty(path) else {
                throw ToolError("There is no task database at \(path). 'media-tool process' makes one.")
            }
            return
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ToolError("The folder \(folder.path) for the tasks cannot be made; check its path and rights.")
        }
    }

    /// To SQLite an empty file is a database that it may fill.
    private static func isMissingOrEmpty(_ path: String) -> Bool {
        let size = try? URL(fileURLWithPath: path).resourceValues(forKeys: [.fileSizeKey]).fileSize
        return !FileManager.default.fileExists(atPath: path) || size == 0
    }
}

/// The `--store` of the commands that look at tasks.
struct StoreOption: ParsableArguments {
    @Option(
        help: "Where the tasks are kept, as given to 'process': \(StoreLocation.forms).",
        transform: { try StoreLocation($0) }
    )
    var store: StoreLocation

    func validate() throws {
        if case .memory = store {
            throw ValidationError(
                "Tasks in memory can only be seen by the process that holds them; use \(StoreLocation.forms)."
            )
        }
    }

    /// Opens the store, runs `body` and closes it.
    func withManager<Result>(_ body: (TaskManager) async throws -> Result) async throws -> Result {
        let manager = try await store.open(creating: false, logger: ToolLog.quiet)
        do {
            let result = try await body(manager)
            await manager.close()
            return result
        } catch {
            await manager.close()
            throw error
        }
    }
}

/// An error whose message is all that a person needs.
struct ToolError: Error {
    let message: String
    init(_ message: String) { self.message = message }
}

/// What to tell a person about an error.
func describe(_ error: any Error) -> String {
    switch error {
    case let error as ToolError: error.message
    case let error as TaskError: error.message
    default: "\(error)"
    }
}

enum ToolLog {
    /// What the library logs would break the bars; the tool itself says what matters.
    static let quiet = Logger(label: "media-tool") { _ in SwiftLogNoOpLogHandler() }

    /// Logs to standard error from that level on.
    static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "media-tool") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
