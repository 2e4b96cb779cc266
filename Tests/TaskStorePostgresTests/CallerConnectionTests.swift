import CLibPQ
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// A libpq handle that cannot be used now is left as it was.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct CallerConnectionTests {
    @Test("a connection in pipeline mode is refused, and works as before")
    func pipeline() async throws {
        try await Workplace.with { place in
            PQenterPipelineMode(place.mine.handle)
            #expect(refusal(place) == .invalidInput)
            PQexitPipelineMode(place.mine.handle)
            #expect(refusal(place) == nil)
        }
    }

    @Test("results that were not read yet are not thrown away")
    func unread() async throws {
        try await Workplace.with { place in
            PQsendQuery(place.mine.handle, "SELECT 42")
            #expect(refusal(place) == .invalidInput)
            let result = PQgetResult(place.mine.handle)
            #expect(PQgetvalue(result, 0, 0).map { String(cString: $0) } == "42")
            PQclear(result)
            while let rest = PQgetResult(place.mine.handle) { PQclear(rest) }
            #expect(refusal(place) == nil)
        }
    }

    @Test("texts are not sent in another encoding than theirs")
    func encoding() async throws {
        try await Workplace.with { place in
            try place.mine.run("SET client_encoding = 'LATIN1'")
            #expect(refusal(place) == .invalidInput)
            #expect(try place.rows() == ["0", "0", "0", "0"])
        }
    }

    @Test("a failed transaction, a closed connection and a missing schema are told apart")
    func failures() async throws {
        try await Workplace.with { place in
            try place.mine.run("BEGIN")
            #expect(throws: PlainConnection.Failure(state: "22012")) { try place.mine.run("SELECT 1/0") }
            #expect(refusal(place) == .storeUnavailable)
            try place.mine.run("ROLLBACK")
            let elsewhere = try PostgresTransactionalEnqueue(schema: "no_such_schema")
            let error = #expect(throws: TaskError.self) { try place.mine.enqueue(NewTask(name: "a"), elsewhere) }
            #expect(error?.code == .schemaMismatch)
            #expect(throws: PlainConnection.Failure.self) {
                try place.mine.run("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(refusal(place) == .storeUnavailable)
        }
    }

    private func refusal(_ place: Workplace) -> TaskError.Code? {
        do {
            _ = try place.mine.enqueue(NewTask(name: "a"), place.enqueue)
            return nil
        } catch {
            return (error as? TaskError)?.code ?? .init(rawValue: "\(error)")
        }
    }
}
