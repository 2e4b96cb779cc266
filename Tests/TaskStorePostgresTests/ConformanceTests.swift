import PostgresTestSupport
import TaskTesting
import Testing

@Suite(.enabled(if: PostgresServer.isAvailable)) struct ConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func keepsItsPromise(_ check: StoreCheck) async throws {
        try await check.run { clock in try await freshStore(clock) }
    }
}

extension ConformanceTests {
    @Test(arguments: StoreConformance.sharedChecks)
    func agreesWithItsOther(_ check: SharedStoreCheck) async throws {
        let schema = PostgresServer.uniqueName()
        try await check.run { clock in
            (try await store(in: schema, clock), try await store(in: schema, clock))
        }
    }
}
