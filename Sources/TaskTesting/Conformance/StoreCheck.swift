public import TaskCore
public import Testing

/// One promise of `TaskStore`, and how to find out whether a store keeps it.
public struct StoreCheck: Sendable {
    /// What it is about: a verb or a part of the contract, as in `claim`.
    public let topic: String
    /// What the store promises.
    public let promise: String
    private let body: @Sendable (StoreProbe) async throws -> Void

    init(_ topic: String, _ promise: String, _ body: @escaping @Sendable (StoreProbe) async throws -> Void) {
        self.topic = topic
        self.promise = promise
        self.body = body
    }

    /// How long a check may take, so that a store that never answers fails it instead of hanging the run.
    static let timeLimit: Duration = .seconds(120)

    /// Runs the check on a fresh, empty store, which it migrates first and closes afterwards.
    ///
    /// - Parameter makeStore: Makes the store. It must take every 'now' from the clock, which stands still unless the check
    ///   moves it.
    /// - Throws: ``StoreCheckFailure`` when the promise is broken, saying what was expected and what was seen; otherwise what
    ///   the store or `makeStore` threw.
    public func run(_ makeStore: @Sendable (ManualClock) async throws -> any TaskStore) async throws {
        let clock = ManualClock()
        let store = try await makeStore(clock)
        let probe = StoreProbe(store: store, clock: clock, check: name)
        do {
            try await store.migrate()
            try await withTimeLimit(Self.timeLimit, probe) { try await body(probe) }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Topic and promise in one line.
    public var name: String { "\(topic): \(promise)" }
}

extension StoreCheck: CustomTestStringConvertible {
    /// Topic and promise in one line.
    public var testDescription: String { name }
}

/// A store broke a promise.
public struct StoreCheckFailure: Error, CustomStringConvertible {
    /// Which check found out.
    public let check: String
    /// What was looked at, what was expected and what was seen.
    public let message: String
    /// Where in the kit, as `file:line`.
    public let location: String

    /// All of it, over several lines.
    public var description: String { "\(check)\n  \(message)\n  (checked at \(location))" }
}

/// Runs a body that must end within a limit.
///
/// A body that does not obey its cancellation is left behind: a store that never answers must not hang the run.
func withTimeLimit(
    _ limit: Duration,
    _ probe: StoreProbe,
    _ body: @escaping @Sendable () async throws -> Void
) async throws {
    let first = AsyncStream.makeStream(of: Result<Void, any Error>.self, bufferingPolicy: .bufferingOldest(1))
    let work = Task {
        do {
            try await body()
            first.continuation.yield(.success(()))
        } catch {
            first.continuation.yield(.failure(error))
        }
    }
    let watch = Task {
        try await Task.sleep(for: limit)
        let failure = probe.failure("the check ended", expected: "within \(limit)", seen: "still running")
        first.continuation.yield(.failure(failure))
    }
    defer {
        work.cancel()
        watch.cancel()
    }
    var results = first.stream.makeAsyncIterator()
    guard let result = await results.next(isolation: nil) else { throw CancellationError() }
    try result.get()
}
