#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
public import TaskCore
public import Testing

/// Producers, workers, a sweeper with a jumping clock and an operator hammer a store at once; then its whole history is read,
/// and must hold the invariants.
///
/// - I1: every acknowledged task is there.
/// - I2: every claim was given out once and has one accepted outcome, the one that its history shows.
/// - I3: a done task is as it was when it became done.
/// - I4: no task used up more attempts than it may, or lost more than three workers.
/// - I6: histories have no gaps, overlaps or open ends.
///
/// Which calls meet is up to the machine, so a seed narrows a failure down but need not repeat it.
///
/// ```swift
/// @Test(arguments: StoreStressTest.runs)
/// func keepsItsInvariants(_ run: StoreStressTest) async throws {
///     try await run.run { clock in try await MyStore(clock: clock) }
/// }
/// ```
public struct StoreStressTest: Sendable {
    /// What each actor's choices are made from.
    public let seed: UInt64
    /// How many workers there are.
    public let workers: Int
    /// How many tasks are enqueued.
    public let tasks: Int

    /// A run of that many workers and tasks.
    public init(seed: UInt64, workers: Int = 6, tasks: Int = 240) {
        self.seed = seed
        self.workers = workers
        self.tasks = tasks
    }

    /// The runs to do: 3, or as many as the environment's `TASKCORE_SEEDS` says, at most 50, or only that of `TASKCORE_SEED`.
    public static var runs: [StoreStressTest] {
        Seeds.fromEnvironment(count: 3).prefix(50).map { StoreStressTest(seed: $0) }
    }

    /// Hammers a fresh, empty store, lets everything end, and checks the invariants.
    ///
    /// - Throws: ``StoreCheckFailure`` when one does not hold; otherwise what `makeStore` or the store threw.
    public func run(_ makeStore: @Sendable (ManualClock) async throws -> any TaskStore) async throws {
        let clock = ManualClock()
        let store = try await makeStore(clock)
        let probe = StoreProbe(store: store, clock: clock, check: "stress, \(testDescription)")
        do {
            try await store.migrate()
            try await withTimeLimit(.seconds(300), probe) {
                let crowd = StressCrowd(probe: probe, seed: seed, workers: workers, tasks: tasks)
                try await crowd.hammer()
                try await crowd.settle()
                try await StressJudge(probe: probe, journal: crowd.journal.current).judge()
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

extension StoreStressTest: CustomTestStringConvertible {
    /// The seed.
    public var testDescription: String { "seed \(seed)" }
}
