import GRDB
import TaskCore

extension TaskError {
    /// What went wrong in SQLite, said without the file's path.
    init(_ error: DatabaseError) {
        let message = error.message ?? "unknown"
        switch error.resultCode {
        case .SQLITE_ERROR where message.hasPrefix("no such table") || message.hasPrefix("no such column"):
            self.init(
                .schemaMismatch,
                "The SQLite file's schema is not this version's (\(message)); call migrate() first."
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .storeUnavailable,
                "The SQLite file stayed locked by another process for longer than the busy timeout; try again later."
            )
        case .SQLITE_FULL:
            self.init(.storeUnavailable, "The disk of the SQLite file is full; nothing was written. Free some space.")
        case .SQLITE_CANTOPEN:
            self.init(
                .storeUnavailable,
                "The SQLite file cannot be opened or made; check that its directory exists and may be written."
            )
        case .SQLITE_NOTADB:
            self.init(.storeUnavailable, "The file is not an SQLite database; check the path, nothing was changed.")
        case .SQLITE_CORRUPT:
            self.init(
                .storeUnavailable,
                "The SQLite file is damaged; restore it from a backup (PRAGMA integrity_check)."
            )
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.storeUnavailable, "The SQLite file or its directory may not be written; check its permissions.")
        case .SQLITE_IOERR:
            self.init(
                .storeUnavailable,
                "Reading or writing the SQLite file failed (code \(error.extendedResultCode.rawValue)); check the disk."
            )
        default:
            self.init(
                .storeUnavailable,
                "SQLite refused: \(message) (code \(error.extendedResultCode.rawValue))."
            )
        }
    }

    /// The error as a store may throw it.
    static func from(_ error: any Error) -> any Error {
        (error as? DatabaseError).map { TaskError($0) } ?? error
    }
}
