import CLibPQ
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a statement answered, read in place. Every column is in PostgreSQL's binary format, of the type that the reader asks for.
///
/// Never leaves the thread of its connection.
final class QueryResult {
    private let handle: OpaquePointer
    let count: Int

    /// Takes the result over.
    init(_ handle: OpaquePointer) {
        self.handle = handle
        count = Int(PQntuples(handle))
    }

    deinit { PQclear(handle) }

    var rows: Range<Int> { 0..<count }

    func isNull(_ row: Int, _ column: Int32) -> Bool { PQgetisnull(handle, Int32(row), column) != 0 }

    func bool(_ row: Int, _ column: Int32) -> Bool { bytes(row, column).first ?? 0 != 0 }
    func int16(_ row: Int, _ column: Int32) -> Int16 { integer(row, column) }
    func int32(_ row: Int, _ column: Int32) -> Int32 { integer(row, column) }
    func int64(_ row: Int, _ column: Int32) -> Int64 { integer(row, column) }
    func double(_ row: Int, _ column: Int32) -> Double { Double(bitPattern: UInt64(bitPattern: int64(row, column))) }
    func optionalInt64(_ row: Int, _ column: Int32) -> Int64? { isNull(row, column) ? nil : int64(row, column) }

    func date(_ row: Int, _ column: Int32) -> Date {
        Date(microseconds: int64(row, column).addingReportingOverflow(PostgresTime.epoch).partialValue)
    }

    func optionalDate(_ row: Int, _ column: Int32) -> Date? { isNull(row, column) ? nil : date(row, column) }

    func text(_ row: Int, _ column: Int32) -> String { String(decoding: bytes(row, column), as: UTF8.self) }

    func optionalText(_ row: Int, _ column: Int32) -> String? { isNull(row, column) ? nil : text(row, column) }

    /// The text, which is the same object as `last` where the bytes are the same.
    func text(_ row: Int, _ column: Int32, sameAs last: inout String) -> String {
        let bytes = bytes(row, column)
        let isSame = last.utf8.withContiguousStorageIfAvailable { known in
            known.count == bytes.count && known.elementsEqual(bytes)
        }
        if isSame != true { last = String(decoding: bytes, as: UTF8.self) }
        return last
    }

    func id(_ row: Int, _ column: Int32) -> TaskID {
        TaskID(bytes(row, column), at: 0) ?? TaskID(high: 0, low: 0)
    }

    func optionalID(_ row: Int, _ column: Int32) -> TaskID? { isNull(row, column) ? nil : id(row, column) }

    /// An array of ids.
    func ids(_ row: Int, _ column: Int32) -> [TaskID] {
        let bytes = bytes(row, column)
        // Twenty bytes of dimensions; then each element behind its length of four bytes.
        return stride(from: 24, to: bytes.count, by: 20).compactMap { TaskID(bytes, at: $0) }
    }

    private func bytes(_ row: Int, _ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(handle, Int32(row), column),
            count: Int(PQgetlength(handle, Int32(row), column))
        )
    }

    /// 0 where the column is of another width: the statement and its reader disagree.
    private func integer<Value: FixedWidthInteger>(_ row: Int, _ column: Int32) -> Value {
        let bytes = bytes(row, column)
        guard bytes.count == MemoryLayout<Value>.size else {
            assertionFailure("column \(column) has \(bytes.count) bytes, not \(MemoryLayout<Value>.size)")
            return 0
        }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }
}

extension TaskID {
    fileprivate init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard offset + 16 <= bytes.count else { return nil }
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        )
    }
}
