#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
public import TaskCore
public import Testing

/// A random history of all commands by several workers, played on a store and on a model made of `TaskLifecycle` and arrays.
///
/// Clocks jump, leases run out, answers come late or twice. After every step the store's answer and every record must be the
/// model's, and now and then so must lists, histories, statistics and changes. On a difference the history is
/// shortened as far as it still differs, and printed.
///
/// ```swift
/// @Test(arguments: StoreModelTest.histories)
/// func agreesWithTheModel(_ history: StoreModelTest) async throws {
///     try await history.run { clock in try await MyStore(clock: clock) }
/// }
/// ```
public struct StoreModelTest: Sendable {
    /// What the history is made from: the same seed, the same history.
    public let seed: UInt64
    /// How many steps it has.
    public let steps: Int

    /// A history of that many steps.
    public init(seed: UInt64, steps: Int = 250) {
        self.seed = seed
        self.steps = steps
    }

    /// The histories to play: 20, or as many as the environment's `TASKCORE_SEEDS` says, or only that of `TASKCORE_SEED`.
    public static var histories: [StoreModelTest] { Seeds.fromEnvironment(count: 20).map { StoreModelTest(seed: $0) } }

    /// Plays the history on a fresh, empty store, and on more of them while it shortens a failing one.
    ///
    /// - Throws: ``StoreModelFailure`` when store and model differ; otherwise what `makeStore` or the store threw.
    public func run(_ makeStore: @Sendable (ManualClock) async throws -> any TaskStore) async throws {
        var generator = HistoryGenerator(seed: seed)
        let history = generator.history(steps)
        guard let first = try await play(history, makeStore) else { return }
        let (shortest, mismatch) = try await shorten(Array(history.prefix(first.step + 1)), first.mismatch, makeStore)
        throw StoreModelFailure(seed: seed, history: shortest.map(\.description), mismatch)
    }

    private typealias Finding = (step: Int, mismatch: HistoryPlayer.Mismatch)

    private func play(
        _ history: [HistoryStep],
        _ makeStore: @Sendable (ManualClock) async throws -> any TaskStore
    ) async throws -> Finding? {
        let clock = ManualClock()
        let store = try await makeStore(clock)
        do {
            try await store.migrate()
            var player = try await HistoryPlayer(store: store, clock: clock)
            for (number, step) in history.enumerated() {
                do {
                    try await player.play(step, deep: number % 10 == 9 || number == history.count - 1)
                } catch let mismatch as HistoryPlayer.Mismatch {
                    await store.close()
                    return (number, mismatch)
                }
            }
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return nil
    }

    /// Leaves out ever smaller pieces as long as the rest still differs (delta debugging), a bounded number of times.
    private func shorten(
        _ failing: [HistoryStep],
        _ mismatch: HistoryPlayer.Mismatch,
        _ makeStore: @Sendable (ManualClock) async throws -> any TaskStore
    ) async throws -> ([HistoryStep], HistoryPlayer.Mismatch) {
        var (best, found) = (failing, mismatch)
        var replays = 0
        func attempt(_ candidate: [HistoryStep]) async throws -> Bool {
            replays += 1
            guard let finding = try await play(candidate, makeStore) else { return false }
            (best, found) = (Array(candidate.prefix(finding.step + 1)), finding.mismatch)
            return true
        }
        _ = try await attempt(best.flatMap(\.parts))
        var size = max(1, best.count / 2)
        while replays < 600 {
            var start = 0
            var hasShrunk = false
            while start < best.count, replays < 600 {
                let candidate = Array(best[..<start] + best[min(best.count, start + size)...])
                if try await attempt(candidate) { hasShrunk = true } else { start += size }
            }
            if size == 1 && !hasShrunk { break }
            size = max(1, size / 2)
        }
        return (best, found)
    }
}

extension StoreModelTest: CustomTestStringConvertible {
    /// The seed.
    public var testDescription: String { "seed \(seed)" }
}

/// A store and the model differ.
public struct StoreModelFailure: Error, CustomStringConvertible {
    /// The seed whose history showed it; set `TASKCORE_SEED` to it to play only that one.
    public let seed: UInt64
    /// The shortest history found that still shows it, a step each.
    public let history: [String]
    /// What differs.
    public let what: String
    /// What the model says.
    public let expected: String
    /// What the store says.
    public let seen: String
    private let difference: String?

    init(seed: UInt64, history: [String], _ mismatch: HistoryPlayer.Mismatch) {
        self.seed = seed
        self.history = history
        what = mismatch.what
        expected = mismatch.expected
        seen = mismatch.seen
        difference = mismatch.difference
    }

    /// All of it, over several lines.
    public var description: String {
        let steps = history.enumerated().map { "  \($0.offset + 1). \($0.element)" }.joined(separator: "\n")
        let detail = difference ?? "    expected: \(expected)\n    seen:     \(seen)"
        return """
            store and model differ in \(what) after these \(history.count) steps \
            (play them with TASKCORE_SEED=\(seed)):
            \(steps)
            \(detail)
            """
    }
}

/// Which seeds to try.
package enum Seeds {
    /// As many as the environment's `TASKCORE_SEEDS` says, or only that of `TASKCORE_SEED`.
    package static func fromEnvironment(count: Int) -> [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["TASKCORE_SEED"].flatMap(UInt64.init) { return [one] }
        let wanted = environment["TASKCORE_SEEDS"].flatMap(UInt64.init) ?? UInt64(count)
        return Array(1...max(1, wanted))
    }
}
