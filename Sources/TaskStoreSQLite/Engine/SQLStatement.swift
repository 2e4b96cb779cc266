import GRDB
import GRDBSQLite
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A prepared statement, bound and read through SQLite's C API.
///
/// GRDB keeps the connections and caches the statements. Its `StatementArguments` and `Row` box every value; a claimed record has 20,
/// and boxing them costs more than SQLite needs to find them. Indexes of parameters start at 1, of columns
/// at 0, as in C. Never leaves the thread of its connection.
struct SQLStatement {
    /// Keeps the handle alive.
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
    }

    // MARK: Running

    /// Goes to the next row; false after the last, when the statement is ready to be bound anew.
    ///
    /// - Throws: `DatabaseError`; the statement is ready to be bound anew then too.
    func step() throws -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
        let extended = code == SQLITE_DONE ? code : sqlite3_extended_errcode(sqlite3_db_handle(handle))
        sqlite3_reset(handle)
        guard let message else { return false }
        throw DatabaseError(resultCode: ResultCode(rawValue: extended), message: message)
    }

    /// Runs to the end, ignoring rows.
    func run() throws {
        while try step() {}
    }

    /// Ends a run before its last row.
    func reset() { sqlite3_reset(handle) }

    /// How many rows the last insert, update or delete of this connection changed.
    var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(handle))) }

    /// The key of the row that this connection inserted last.
    var lastKey: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(handle)) }

    // MARK: Binding

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ index: Int32, _ value: Int) { sqlite3_bind_int64(handle, index, Int64(value)) }
    func bind(_ index: Int32, _ value: Date) { sqlite3_bind_int64(handle, index, value.microseconds) }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ index: Int32, _ value: Date?) { bind(index, value?.microseconds) }

    func bind(_ index: Int32, _ value: Double) { sqlite3_bind_double(handle, index, value) }

    func bind(_ index: Int32, _ value: String) {
        var value = value
        value.withUTF8 { bytes in
            // An empty string may have no address, and no address means NULL.
            guard let start = bytes.baseAddress else {
                sqlite3_bind_text(handle, index, "", 0, Self.copied)
                return
            }
            start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                _ = sqlite3_bind_text(handle, index, $0, Int32(bytes.count), Self.copied)
            }
        }
    }

    func bind(_ index: Int32, _ value: String?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ index: Int32, _ value: TaskID) {
        withUnsafeBytes(of: (value.high.bigEndian, value.low.bigEndian)) {
            _ = sqlite3_bind_blob(handle, index, $0.baseAddress, 16, Self.copied)
        }
    }

    func bind(_ index: Int32, _ value: TaskID?) {
        if let value { bind(index, value) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ index: Int32, ids: [TaskID]) {
        let bytes = ids.map { ($0.high.bigEndian, $0.low.bigEndian) }
        bytes.withUnsafeBytes {
            _ =
                $0.isEmpty
                ? sqlite3_bind_zeroblob(handle, index, 0)
                : sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), Self.copied)
        }
    }

    /// SQLite copies what is bound, so that nothing here has to outlive the call.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    // MARK: Reading

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }
    func date(_ column: Int32) -> Date { Date(microseconds: int64(column)) }
    func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    func optionalDate(_ column: Int32) -> Date? { isNull(column) ? nil : date(column) }

    func text(_ column: Int32) -> String {
        withBytes(column) { String(decoding: $0, as: UTF8.self) }
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    /// The text, which is the same object as `last` where the bytes are the same.
    func text(_ column: Int32, sameAs last: inout String) -> String {
        withBytes(column) { bytes in
            let isSame = last.utf8.withContiguousStorageIfAvailable { known in
                known.count == bytes.count && known.elementsEqual(bytes)
            }
            if isSame != true { last = String(decoding: bytes, as: UTF8.self) }
            return last
        }
    }

    func id(_ column: Int32) -> TaskID {
        ids(column).first ?? TaskID(high: 0, low: 0)
    }

    func optionalID(_ column: Int32) -> TaskID? { ids(column).first }

    /// The ids packed into a blob.
    func ids(_ column: Int32) -> [TaskID] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return (0..<bytes.count / 16).map { TaskID(packedAt: $0 * 16, in: bytes) }
    }

    private func withBytes<Result>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let start = sqlite3_column_text(handle, column)
        return body(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

extension TaskID {
    /// The id whose sixteen bytes, big-endian, start there.
    fileprivate init(packedAt offset: Int, in bytes: UnsafeRawBufferPointer) {
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }
}
