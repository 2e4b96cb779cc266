import TaskCore
import TaskTesting
import Testing

@Suite("The model itself keeps every promise, so it can judge others")
struct ModelTaskStoreTests {
    @Test(arguments: StoreConformance.checks)
    func conforms(_ check: StoreCheck) async throws {
        try await check.run { ModelTaskStore(clock: $0) }
    }

    @Test("Every check has a name of its own")
    func namesAreUnique() {
        let names = StoreConformance.checks.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 100)
    }
}
