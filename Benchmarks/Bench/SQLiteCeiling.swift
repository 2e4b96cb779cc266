import Foundation
import GRDBSQLite
import TaskCore
import TaskStoreSQLite

/// What SQLite itself can do on this machine: the same durable writes as the store's, through the C API alone, decoding nothing.
///
/// The same schema, statements, batches, durability and checkpoints, on one thread, with every value bound from memory.
final class SQLiteCeiling {
    private var db: OpaquePointer?
    private var number: Int64 = 0
    private var time: Int64 = 1_790_000_000_000_000

    init(path: String) throws {
        try check(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil))
        try run("PRAGMA journal_mode = WAL")
        try run("PRAGMA synchronous = FULL")
        try run("PRAGMA temp_store = MEMORY")
        try run("PRAGMA cache_size = -32768")
        try run("PRAGMA wal_autocheckpoint = 4096")
        try run(SQLText.m0001Initial)
    }

    deinit { sqlite3_close_v2(db) }

    func enqueue(_ tasks: [NewTask]) throws {
        let task = try prepare(SQLText.enqueueTask)
        let state = try prepare(SQLText.enqueueState)
        defer { [task, state].forEach { sqlite3_finalize($0) } }
        try transaction(tasks.map(\.id)) {
            for (place, new) in tasks.enumerated() {
                bind(task, 1, new.id)
                bind(task, 2, new.name)
                bind(task, 3, new.queue)
                sqlite3_bind_int64(task, 6, time)
                sqlite3_bind_int64(task, 7, Int64(new.maxAttempts))
                bind(task, 10, new.input.text)
                try step(task)
                sqlite3_bind_int64(state, 1, sqlite3_last_insert_rowid(db))
                sqlite3_bind_int64(state, 2, 0)
                bind(state, 3, new.queue)
                sqlite3_bind_int64(state, 4, 0)
                sqlite3_bind_int64(state, 5, (number + 1) << 24 | Int64(place))
                sqlite3_bind_int64(state, 7, time)
                sqlite3_bind_int64(state, 8, time)
                try step(state)
            }
        }
    }

    /// Claims and finishes all tasks of a queue.
    func drain(queue: String, batch: Int) throws {
        let find = try prepare(SQLText.claimFind)
        let take = try prepare(SQLText.claimTake)
        let done = try prepare(SQLText.finishDone)
        defer { [find, take, done].forEach { sqlite3_finalize($0) } }
        while true {
            var ids: [TaskID] = []
            try run("BEGIN IMMEDIATE")
            for statement in [find, take] {
                bind(statement, 1, queue)
                sqlite3_bind_int64(statement, 2, time)
                sqlite3_bind_int64(statement, 3, Int64(batch))
            }
            while sqlite3_step(find) == SQLITE_ROW { ids.append(id(find, 1)) }
            sqlite3_reset(find)
            bind(take, 4, "w-0123456789abc")
            sqlite3_bind_int64(take, 5, 10_000_000)
            try step(take)
            try commit(ids)
            if ids.isEmpty { return }
            try transaction(ids) {
                for id in ids {
                    bind(done, 1, id)
                    sqlite3_bind_int64(done, 2, 1)
                    bind(done, 3, "w-0123456789abc")
                    bind(done, 4, "null")
                    sqlite3_bind_int64(done, 5, time)
                    try step(done)
                }
            }
        }
    }

    private func transaction(_ ids: [TaskID], _ body: () throws -> Void) throws {
        try run("BEGIN IMMEDIATE")
        try body()
        try commit(ids)
    }

    private func commit(_ ids: [TaskID]) throws {
        number += 1
        time += 1000
        let change = try prepare(SQLText.changeInsert)
        defer { sqlite3_finalize(change) }
        sqlite3_bind_int64(change, 1, number)
        sqlite3_bind_int64(change, 2, number * 1000)
        sqlite3_bind_int64(change, 3, 2)
        sqlite3_bind_int64(change, 4, 1)
        ids.map { ($0.high.bigEndian, $0.low.bigEndian) }.withUnsafeBytes {
            _ =
                $0.isEmpty
                ? sqlite3_bind_zeroblob(change, 5, 0)
                : sqlite3_bind_blob(change, 5, $0.baseAddress, Int32($0.count), Self.copied)
        }
        try step(change)
        try run("COMMIT")
    }

    private func run(_ sql: String) throws { try check(sqlite3_exec(db, sql, nil, nil, nil)) }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v3(db, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        return statement
    }

    private func step(_ statement: OpaquePointer?) throws {
        let code = sqlite3_step(statement)
        sqlite3_reset(statement)
        if code != SQLITE_DONE { try check(code) }
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw TaskError(.storeUnavailable, "ceiling: \(String(cString: sqlite3_errmsg(db)))")
    }

    private func bind(_ statement: OpaquePointer?, _ index: Int32, _ text: String) {
        sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), Self.copied)
    }

    private func bind(_ statement: OpaquePointer?, _ index: Int32, _ id: TaskID) {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) {
            _ = sqlite3_bind_blob(statement, index, $0.baseAddress, 16, Self.copied)
        }
    }

    private func id(_ statement: OpaquePointer?, _ column: Int32) -> TaskID {
        guard let start = sqlite3_column_blob(statement, column) else { return TaskID(high: 0, low: 0) }
        return TaskID(
            high: UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
