public import TaskCore
public import Testing

/// One promise of stores that several processes share, and how to find out whether a store keeps it.
///
/// It holds two stores on one and the same place, as two processes would have them.
public struct SharedStoreCheck: Sendable {
    /// What the two promise together.
    public let promise: String
    private let body: @Sendable (StoreProbe, StoreProbe) async throws -> Void

    init(_ promise: String, _ body: @escaping @Sendable (StoreProbe, StoreProbe) async throws -> Void) {
        self.promise = promise
        self.body = body
    }

    /// Runs the check on two fresh stores that share one empty place; migrates through one of them first and closes both afterwards.
    ///
    /// - Parameter makeStores: Makes two stores on one place: the same file, schema or, where a store lives in one process, the same object
    ///   twice. Both must take every 'now' from the clock, which stands still unless the check moves it.
    /// - Throws: ``StoreCheckFailure`` when the promise is broken; otherwise what a store or `makeStores` threw.
    public func run(_ makeStores: @Sendable (ManualClock) async throws -> (any TaskStore, any TaskStore)) async throws {
        let clock = ManualClock()
        let stores = try await makeStores(clock)
        let (one, other) = (
            StoreProbe(store: stores.0, clock: clock, check: "shared: \(promise)"),
            StoreProbe(store: stores.1, clock: clock, check: "shared: \(promise)")
        )
        do {
            try await stores.0.migrate()
            try await withTimeLimit(StoreCheck.timeLimit, one) { try await body(one, other) }
        } catch {
            await stores.0.close()
            await stores.1.close()
            throw error
        }
        await stores.0.close()
        await stores.1.close()
    }
}

extension SharedStoreCheck: CustomTestStringConvertible {
    /// The promise.
    public var testDescription: String { promise }
}
