import CLibPQ
import Foundation

/// libpq and nothing else: blocking, text in and out.
// Unchecked: used by one thread at a time.
final class LeanConnection: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ address: String) throws {
        guard let handle = PQconnectdb(address) else { throw BenchError("no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            defer { PQfinish(handle) }
            throw BenchError(String(cString: PQerrorMessage(handle)))
        }
        self.handle = handle
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    func prepare(_ name: String, _ sql: String) throws {
        _ = try rows(PQprepare(handle, name, sql, 0, nil))
    }

    @discardableResult
    func run(_ sql: String) throws -> [[String]] { try rows(PQexec(handle, sql)) }

    /// Runs a prepared statement, and answers how many rows it gave or changed with its first column.
    func run(prepared name: String, _ values: [String]) throws -> [String] {
        let pointers = values.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        let result = PQexecPrepared(
            handle,
            name,
            Int32(values.count),
            pointers.map { pointer in UnsafePointer(pointer) },
            nil,
            nil,
            0
        )
        defer { PQclear(result) }
        try check(result)
        return (0..<PQntuples(result)).map { String(cString: PQgetvalue(result, $0, 0)) }
    }

    private func rows(_ result: OpaquePointer?) throws -> [[String]] {
        defer { PQclear(result) }
        try check(result)
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { String(cString: PQgetvalue(result, row, $0)) }
        }
    }

    private func check(_ result: OpaquePointer?) throws {
        let status = PQresultStatus(result)
        guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
            throw BenchError(String(cString: PQresultErrorMessage(result)))
        }
    }
}
