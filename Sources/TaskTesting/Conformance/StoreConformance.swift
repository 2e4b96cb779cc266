/// The conformance kit: every promise of `TaskStore` as a named check that runs on any store.
///
/// ```swift
/// @Test(arguments: StoreConformance.checks)
/// func keepsItsPromise(_ check: StoreCheck) async throws {
///     try await check.run { clock in try await MyStore(clock: clock) }
/// }
/// ```
///
/// `Docs/writing-a-store.md` explains what a store owes, and in which order to make the checks pass.
public enum StoreConformance {
    /// All checks, by topic. Each needs an empty store of its own; they may run at the same time.
    public static let checks: [StoreCheck] = [
        enqueueChecks, idempotencyChecks, uniqueKeyChecks,
        claimChecks, claimOrderChecks, beatChecks, reportChecks,
        finishChecks, staleChecks, followUpChecks, cancellationChecks,
        rescueChecks, retireChecks,
        cancelChecks, retryChecks, updateChecks, queueChecks, pruneChecks,
        listChecks, filterChecks, statisticsChecks, attemptChecks,
        changeChecks, signalChecks, raceChecks, valueChecks, lifeChecks,
    ].flatMap { $0 }

    /// The checks of one topic, as in `enqueue` or `claim`; empty for an unknown one. For working on one thing at a time.
    public static func checks(topic: String) -> [StoreCheck] { checks.filter { $0.topic == topic } }
}
