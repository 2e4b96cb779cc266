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

/// The histories find defects by themselves, and show them in few steps.
@Suite("Model-based histories catch broken stores")
struct StoreModelTestSaboteurTests {
    static let defects = [
        "forgets the fence", "loses the checkpoint", "skips follow-ups", "lets a cancel beat a success",
        "forgets idempotency keys", "never frees unique keys", "ignores pauses", "rescues nothing",
        "keeps only the last attempt", "skips a change of every page", "does not name lost leases",
    ]

    @Test("a store that", arguments: defects)
    func isCaught(_ defect: String) async throws {
        let saboteur = try #require(Saboteur.all.first { $0.defect == defect })
        for seed in UInt64(1)...30 {
            do {
                try await StoreModelTest(seed: seed).run { saboteur.make(MemoryTaskStore(clock: $0)) }
            } catch let failure as StoreModelFailure {
                #expect(failure.history.count <= 8, "the shortest history found:\n\(failure)")
                #expect(failure.description.contains("TASKCORE_SEED=\(seed)"))
                return
            }
        }
        Issue.record("30 histories did not find it")
    }
}
