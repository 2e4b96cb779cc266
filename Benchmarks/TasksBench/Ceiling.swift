import Foundation
import Synchronization

/// The leanest SQL with the same durable effect: insert, claim in batches, finish in batches, every row kept.
///
/// One narrow table, no owner, no history but the row, no names, no waiting until later; blocking libpq on threads of its own.
final class Ceiling: Sendable {
    private let address: String
    private let schema: String
    private static let batch = 500
    private static let singleConnections = 8

    init(_ address: String, schema: String) throws {
        self.address = address
        self.schema = schema
        let connection = try LeanConnection(address)
        try connection.run("CREATE SCHEMA \(schema)")
        try connection.run(
            """
            CREATE TABLE \(schema).job (
                id bigint PRIMARY KEY, state smallint NOT NULL DEFAULT 0, fence integer NOT NULL DEFAULT 0, worker text,
                input text NOT NULL, result text, finished_at timestamptz
            ) WITH (fillfactor = 70)
            """
        )
        try connection.run("CREATE INDEX ON \(schema).job (id) WHERE state = 0")
    }

    func remove() { _ = try? LeanConnection(address).run("DROP SCHEMA IF EXISTS \(schema) CASCADE") }

    /// A thousand at once, on two connections as the store does.
    func enqueueBulk(_ count: Int) async throws -> Double {
        try await onThreads(2, count) { [schema] thread, connection in
            try connection.prepare(
                "insert",
                "INSERT INTO \(schema).job (id, input) SELECT * FROM unnest($1::bigint[], $2::text[])"
            )
            return { () in
                for start in stride(from: thread * 1000, to: count, by: 2000) {
                    let numbers = start..<min(count, start + 1000)
                    let ids = numbers.map(String.init).joined(separator: ",")
                    let inputs = numbers.map { "\"{\\\"number\\\":\($0)}\"" }.joined(separator: ",")
                    _ = try connection.run(prepared: "insert", ["{\(ids)}", "{\(inputs)}"])
                }
            }
        }
    }

    func drain(_ count: Int, connections: Int) async throws -> Double {
        try await onThreads(connections, count) { [schema] _, connection in
            try connection.prepare(
                "claim",
                """
                UPDATE \(schema).job SET state = 2, fence = fence + 1, worker = 'w' WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM \(schema).job WHERE state = 0 ORDER BY id LIMIT \(Self.batch) FOR UPDATE SKIP LOCKED
                )) RETURNING ctid, id, input
                """
            )
            try connection.prepare(
                "finish",
                """
                UPDATE \(schema).job SET state = 3, result = 'null', finished_at = now()
                WHERE ctid = ANY ($1::tid[]) AND state = 2 AND fence = 1 AND worker = 'w' RETURNING id
                """
            )
            return { () in
                while case let places = try connection.run(prepared: "claim", []), !places.isEmpty {
                    let array = "{\"\(places.joined(separator: "\",\""))\"}"
                    let done = try connection.run(prepared: "finish", [array])
                    guard done.count == places.count else { throw BenchError("the ceiling lost tasks") }
                }
            }
        }
    }

    /// One at a time on each of several connections.
    func enqueueSingle(_ count: Int) async throws -> Double {
        try await onThreads(Self.singleConnections, count) { [schema] thread, connection in
            try connection.prepare("one", "INSERT INTO \(schema).job (id, input) VALUES ($1, $2)")
            return { () in
                for number in stride(from: thread, to: count, by: Self.singleConnections) {
                    _ = try connection.run(prepared: "one", ["\(1_000_000_000 + number)", "{\"number\":\(number)}"])
                }
            }
        }
    }

    /// Prepares everything first, and then measures.
    private func onThreads(
        _ threads: Int,
        _ count: Int,
        _ prepare: @escaping @Sendable (Int, LeanConnection) throws -> @Sendable () throws -> Void
    ) async throws -> Double {
        let bodies = try (0..<threads).map { thread in
            let connection = try LeanConnection(address)
            // As the store does: plans made while the table was small would walk through it.
            try connection.run(
                "SET enable_seqscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan"
            )
            return try prepare(thread, connection)
        }
        return try await rate(count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for body in bodies {
                    group.addTask {
                        try await withCheckedThrowingContinuation { continuation in
                            Thread { continuation.resume(with: Result { try body() }) }.start()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
