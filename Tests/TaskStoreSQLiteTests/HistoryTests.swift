import Foundation
import TaskStoreSQLite
import TaskTesting
import Testing

/// Random histories compared with the model, and stress whose history is read. `TASKCORE_SEEDS` plays more of them.
@Suite struct HistoryTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: StoreModelTest.histories)
    func agreesWithTheModel(_ history: StoreModelTest) async throws {
        try await history.run { clock in try await freshStore(clock) }
    }

    @Test(arguments: StoreStressTest.runs)
    func keepsItsInvariants(_ run: StoreStressTest) async throws {
        try await run.run { clock in try await freshStore(clock) }
    }

    /// A store on a file of its own: a history that differs is played again and again, to shorten it.
    private func freshStore(_ clock: ManualClock) async throws -> SQLiteTaskStore {
        let path = scratch.directory.appendingPathComponent(UUID().uuidString).path
        // NORMAL writes the same bytes; what a power loss leaves of them is not asked here.
        return try await SQLiteTaskStore(path: path, options: .init(durability: .normal, clock: clock))
    }
}
