#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Synchronization
import TaskCore

/// The store of a worker that a test drives: says when the worker did something, counts what it claims, and puts what the
/// worker says by the machine's clock on the test's.
final class DrivenStore: StoreWrapper {
    let base: any TaskStore
    private let clock: ManualClock
    private let maxClaims: Int
    private let claims = Mutex(0)
    private let continuation: AsyncStream<Void>.Continuation
    /// Yields after every claim and finish; one is kept waiting. For one reader.
    let events: AsyncStream<Void>

    init(_ base: any TaskStore, clock: ManualClock, maxClaims: Int) {
        self.base = base
        self.clock = clock
        self.maxClaims = maxClaims
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many attempts were claimed.
    var claimed: Int { claims.withLock { $0 } }

    /// Whether it hands out nothing any more.
    var isExhausted: Bool { claimed >= maxClaims }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        defer { continuation.yield() }
        guard !isExhausted else { return ClaimReply(tasks: []) }
        var reply = try await base.claim(request)
        claims.withLock { $0 += reply.tasks.count }
        // The test moves the clock, so there is nothing to wait for.
        reply.nextRunAt = nil
        return reply
    }

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        defer { continuation.yield() }
        return try await base.finish(finishes.map(onTestClock))
    }

    /// A worker snoozes until so long after the machine's now; the same time after the test's now is meant.
    private func onTestClock(_ finish: Finish) -> Finish {
        guard case .snoozed(let until) = finish.outcome else { return finish }
        var finish = finish
        let delay = until.timeIntervalSince(SystemTaskClock().now())
        // Rounded up: what the worker took to get here is not part of the delay.
        let grain = delay > 10 ? 1 : 0.01
        let rounded = max(0, (delay / grain).rounded(.up) * grain)
        finish.outcome = .snoozed(until: clock.now().addingTimeInterval(rounded))
        return finish
    }
}
