import GRDB
import GRDBSQLite

/// Keeps the write-ahead log short: copies it into the database when it has grown, after the callers have their answers.
///
/// A reader with an old snapshot keeps the log from being used anew from its beginning. Readers of this store are short. With one of
/// another process that stays, the log grows until it goes; then it is emptied and cut to ``keptBytes``. Lives on the writer's thread.
struct WALKeeper {
    /// The log's file is cut to this when it is emptied.
    static let keptBytes = 32 << 20
    /// With pages of 4 KiB: 16 MiB.
    static let checkpointPages: Int32 = 4096
    /// From here on readers are waited for, a little, so that the log can begin anew.
    static let patiencePages: Int32 = 4 * checkpointPages

    private let busyWait: BusyWait
    private var lastPatience = ContinuousClock.now

    init(busyWait: BusyWait) { self.busyWait = busyWait }

    /// Copies all that no reader needs in the log into the database, at the end.
    func copyAll(_ db: Database) {
        sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    /// - Parameter pages: How many pages the log had at the last commit.
    mutating func tidy(_ db: Database, pages: Int32) {
        guard pages >= Self.checkpointPages else { return }
        var log: Int32 = 0
        var copied: Int32 = 0
        // A failed checkpoint loses nothing and is tried again after the next commit.
        sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, &log, &copied)
        let now = ContinuousClock.now
        guard log >= Self.patiencePages, now - lastPatience > .seconds(1) else { return }
        lastPatience = now
        busyWait.withTimeout(.milliseconds(100)) {
            _ = sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_TRUNCATE, &log, &copied)
        }
    }
}
