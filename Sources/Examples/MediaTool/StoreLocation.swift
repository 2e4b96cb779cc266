import ArgumentParser
import Foundation
import Logging
import TaskCore
import TaskStoreSQLite

/// Where tasks are kept: `sqlite:PATH` or `memory`.
enum StoreLocation: CustomStringConvertible {
    case sqlite(path: String)
    case memory

    /// Reads the value of `--store`.
    init(_ argument: String) throws {
        if argument == "memory" {
            self = .memory
        } else if argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count {
            self = .sqlite(path: String(argument.dropFirst("sqlite:".count)))
        } else {
            throw ValidationError(
                "'\(argument)' is no store: write sqlite:PATH, such as sqlite:tasks.sqlite, or memory."
            )
        }
    }

    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .memory: "memory"
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
            if creating {
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
                do {
                    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                } catch {
                    throw ToolError(
                        "The folder \(folder.path) for the tasks cannot be made; check its path and rights."
                    )
                }
            } else if Self.isMissingOrEmpty(path) {
                throw ToolError("There is no task database at \(path). 'media-tool process' makes one.")
            }
            return try await TaskManager(store: SQLiteTaskStore(path: path), logger: logger)
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
        help: "Where the tasks are kept: sqlite:PATH, as given to 'process'.",
        transform: { try StoreLocation($0) }
    )
    var store: StoreLocation

    func validate() throws {
        if case .memory = store {
            throw ValidationError("Tasks in memory can only be seen by the process that holds them; use sqlite:PATH.")
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
