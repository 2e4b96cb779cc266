import PostgresTestSupport
import TaskTesting
import Testing

/// Random histories compared with the model, and stress whose history is read. `TASKCORE_SEEDS` plays more of them.
@Suite(.enabled(if: PostgresServer.isAvailable)) struct HistoryTests {
    @Test(arguments: StoreModelTest.histories)
    func agreesWithTheModel(_ history: StoreModelTest) async throws {
        try await history.run { clock in try await freshStore(clock) }
    }

    @Test(arguments: StoreStressTest.runs)
    func keepsItsInvariants(_ run: StoreStressTest) async throws {
        try await run.run { clock in try await freshStore(clock) }
    }
}
