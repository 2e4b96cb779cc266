import CLibPQ
import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres

/// A connection as an application has it: libpq and nothing else. Blocks.
///
/// `@unchecked Sendable`: each is used by one thread at a time.
final class PlainConnection: @unchecked Sendable {
    struct Failure: Error, Equatable {
        var state: String
    }

    let handle: OpaquePointer

    init(_ address: String) throws {
        guard let handle = PQconnectdb(address), PQstatus(handle) == CONNECTION_OK else {
            throw Failure(state: "08000")
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        self.handle = handle
    }

    deinit { PQfinish(handle) }

    /// The rows that a statement answers, as texts.
    @discardableResult
    func run(_ sql: String, _ parameters: [String?] = []) throws -> [[String?]] {
        let values = parameters.map { $0.map { strdup($0) } ?? nil }
        defer { for value in values { free(value) } }
        let result = PQexecParams(
            handle,
            sql,
            Int32(values.count),
            nil,
            values.map { UnsafePointer($0) },
            nil,
            nil,
            0
        )
        defer { PQclear(result) }
        guard [PGRES_TUPLES_OK, PGRES_COMMAND_OK].contains(PQresultStatus(result)) else {
            throw Failure(state: PQresultErrorField(result, 67).map { String(cString: $0) } ?? "08006")
        }
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
            }
        }
    }

    func value(_ sql: String, _ parameters: [String?] = []) throws -> String? {
        try run(sql, parameters).first?.first ?? nil
    }

    /// Enqueues by the statement, as another driver would.
    func send(_ statement: EnqueueStatement) throws -> EnqueueOutcome {
        let row = try run(statement.sql, statement.parameters).first ?? []
        return try EnqueueOutcome(outcome: row[0] ?? "", task: row[1] ?? "")
    }

    /// Enqueues by the connection's handle.
    func enqueue(_ task: NewTask, _ enqueue: PostgresTransactionalEnqueue) throws -> EnqueueOutcome {
        try enqueue.enqueue(task, on: handle)
    }

    func enqueue(_ task: NewTask, _ route: EnqueueRoute, _ enqueue: PostgresTransactionalEnqueue) throws
        -> EnqueueOutcome
    {
        switch route {
        case .statement: try send(enqueue.statement(for: task))
        case .handle: try self.enqueue(task, enqueue)
        }
    }

    /// What was notified so far; the server delivers it before it answers the next statement.
    func notifications() throws -> [String] {
        try run("SELECT 1")
        PQconsumeInput(handle)
        var found: [String] = []
        while let notification = PQnotifies(handle) {
            found.append(
                String(cString: notification.pointee.relname) + " " + String(cString: notification.pointee.extra)
            )
            PQfreemem(notification)
        }
        return found
    }
}

/// The two ways to enqueue on one's own connection.
enum EnqueueRoute: CaseIterable { case statement, handle }

/// A migrated schema of its own, with a store on it and a connection that is not the store's.
struct Workplace {
    let schema = PostgresServer.uniqueName()
    let address: String
    let store: PostgresTaskStore
    let mine: PlainConnection
    let enqueue: PostgresTransactionalEnqueue

    init() async throws {
        address = try await PostgresServer.shared().url
        store = try PostgresTaskStore(address, options: .init(schema: schema))
        try await store.migrate()
        mine = try PlainConnection(address)
        enqueue = try PostgresTransactionalEnqueue(schema: schema)
    }

    /// Runs a body in a workplace, which is gone afterwards.
    static func with(_ body: (Workplace) async throws -> Void) async throws {
        let place = try await Workplace()
        let result: Result<Void, any Error>
        do { result = .success(try await body(place)) } catch { result = .failure(error) }
        await place.store.close()
        try PlainConnection(place.address).run("DROP SCHEMA \"\(place.schema)\" CASCADE")
        try result.get()
    }

    /// The rows of the tables that an enqueue writes.
    func rows(_ connection: PlainConnection? = nil) throws -> [String] {
        try ["task", "task_live", "idempotency", "change"].map {
            try (connection ?? mine).value("SELECT count(*) FROM \"\(schema)\".\($0)") ?? ""
        }
    }
}
