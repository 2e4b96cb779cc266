import GRDB
import TaskCore

/// Opens the file: WAL, the durability asked for, and a wait for other processes' locks.
enum SQLiteFile {
    /// - Throws: `TaskError` with code `storeUnavailable` or `invalidInput`.
    static func openPool(
        path: String,
        options: SQLiteTaskStore.Options,
        busyWait: BusyWait
    ) throws -> DatabasePool {
        guard !path.isEmpty, !path.hasPrefix(":memory:"), !path.hasPrefix("file:") else {
            throw TaskError(
                .invalidInput,
                "An SQLite task store needs the path of a file; in memory, use MemoryTaskStore."
            )
        }
        do {
            // SQLite does not ask whether to wait when the switch to WAL, which only a new file needs, meets a writer.
            let pool = try busyWait.tryUntilUnlocked {
                try DatabasePool(path: path, configuration: configuration(options, busyWait))
            }
            // GRDB makes it NORMAL when it turns WAL on, which forgets acknowledged commits at power loss.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = \(options.durability.pragma)")
                // Checkpoints are run by WALKeeper, after the callers have their answers.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
                try db.execute(sql: "PRAGMA journal_size_limit = \(WALKeeper.keptBytes)")
            }
            return pool
        } catch {
            throw TaskError.from(error)
        }
    }

    private static func configuration(_ options: SQLiteTaskStore.Options, _ busyWait: BusyWait) -> Configuration {
        var configuration = Configuration()
        configuration.label = "taskcore"
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = max(1, options.readers)
        configuration.busyMode = .callback { busyWait.shouldTryAgain($0) }
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
        }
        return configuration
    }

    /// Per connection, filled as needed.
    private static let cacheKiB = 32 * 1024
}

extension SQLiteTaskStore.Options.Durability {
    fileprivate var pragma: String {
        switch self {
        case .full: "FULL"
        case .normal: "NORMAL"
        }
    }
}
