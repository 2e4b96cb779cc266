import TaskCore
import TaskTesting
import Testing

@Suite("MemoryTaskStore keeps every promise of TaskStore")
struct MemoryTaskStoreConformanceTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreCheck) async throws {
        try await check.run { MemoryTaskStore(clock: $0) }
    }
}
