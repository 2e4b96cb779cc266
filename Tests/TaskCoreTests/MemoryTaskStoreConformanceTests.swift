import TaskCore
import TaskTesting
import Testing

@Suite("MemoryTaskStore keeps every promise of TaskStore")
struct MemoryTaskStoreConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreCheck) async throws {
        try await check.run { MemoryTaskStore(clock: $0) }
    }

    @Test(arguments: StoreConformance.sharedChecks)
    func agreesWithItsOther(_ check: SharedStoreCheck) async throws {
        try await check.run { clock in
            let store = MemoryTaskStore(clock: clock)
            return (store, store)
        }
    }
}
