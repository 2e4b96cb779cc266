import Foundation
import GRDBSQLite

/// Another program's connection to the file, through the C API alone: it waits for nobody.
// Unchecked: the handle is opened with SQLite's own mutex (FULLMUTEX) and never changes.
final class Foreign: @unchecked Sendable {
    struct Refused: Error {
        let message: String
    }

    private let db: OpaquePointer

    init(_ path: String) throws {
        var db: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX
        guard sqlite3_open_v2(path, &db, flags, nil) == SQLITE_OK, let db else { throw Refused(message: "open") }
        self.db = db
    }

    deinit { sqlite3_close_v2(db) }

    /// Runs statements that answer nothing of interest.
    func run(_ sql: String) throws {
        guard sqlite3_exec(db, sql, nil, nil, nil) == SQLITE_OK else { throw refused }
    }

    /// The last column of each row, as text.
    func texts(_ sql: String) throws -> [String] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(db, sql, -1, &statement, nil) == SQLITE_OK else { throw refused }
        defer { sqlite3_finalize(statement) }
        var texts: [String] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                let text = sqlite3_column_text(statement, sqlite3_column_count(statement) - 1)
                texts.append(text.map { String(cString: $0) } ?? "NULL")
            case SQLITE_DONE: return texts
            default: throw refused
            }
        }
    }

    /// The number that a query answers; -1 when it answers none.
    func number(_ sql: String) throws -> Int { try texts(sql).first.flatMap { Int($0) } ?? -1 }

    /// How many commits the store's log of changes knows.
    func commits() throws -> Int { try number("SELECT count(*) FROM change") }

    private var refused: Refused { Refused(message: String(cString: sqlite3_errmsg(db))) }
}
