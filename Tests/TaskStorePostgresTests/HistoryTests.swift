import Foundation
import TaskStorePostgres
import TaskTesting
import Testing

/// Random histories compared with the model, and stress whose history is read. `TASKCORE_SEEDS` plays more of them.
@Suite struct HistoryTests {
    @Test(arguments: StoreModelTest.histories)
    func agreesWithTheModel(_ history: StoreModelTest) async throws {
        try await history.run { clock in try freshStore(clock) }
    }

    @Test(arguments: StoreStressTest.runs)
    func keepsItsInvariants(_ run: StoreStressTest) async throws {
        try await run.run { clock in try freshStore(clock) }
    }
}
