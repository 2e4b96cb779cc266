import TaskCore
import TaskTesting
import Testing

@Suite("Stress runs")
struct StoreStressTestTests {
    @Test("the in-memory store keeps its invariants", arguments: StoreStressTest.runs)
    func memory(_ run: StoreStressTest) async throws {
        try await run.run { MemoryTaskStore(clock: $0) }
    }

    @Test(
        "a store that is not safe is caught",
        arguments: ["forgets the fence", "claims a task twice", "keeps only the last attempt"]
    )
    func catches(_ defect: String) async throws {
        let saboteur = try #require(Saboteur.all.first { $0.defect == defect })
        await #expect(throws: StoreCheckFailure.self) {
            // In which run a race comes about is up to the scheduler.
            for seed in 1...50 as ClosedRange<UInt64> {
                try await StoreStressTest(seed: seed).run { saboteur.make(MemoryTaskStore(clock: $0)) }
            }
        }
    }
}
