import TaskCore
import TaskTesting
import Testing

@Suite("Model-based histories")
struct StoreModelTestTests {
    @Test("the in-memory store agrees with the model", arguments: StoreModelTest.histories)
    func memory(_ history: StoreModelTest) async throws {
        try await history.run { MemoryTaskStore(clock: $0) }
    }

    @Test("the model agrees with itself")
    func model() async throws {
        try await StoreModelTest(seed: 1).run { ModelTaskStore(clock: $0) }
    }
}
