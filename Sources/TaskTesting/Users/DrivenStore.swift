#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Synchronization
import TaskCore

/// The store of a worker that a test drives: says when the worker did something, and counts what it claims.
final class DrivenStore: StoreWrapper {
    let base: any TaskStore
    private let maxClaims: Int
    private let claims = Mutex(0)
    private let continuation: AsyncStream<Void>.Continuation
    /// Yields after every claim and finish; one is kept waiting. For one reader.
    let events: AsyncStream<Void>

    init(_ base: any TaskStore, maxClaims: Int) {
        self.base = base
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
        return try await base.finish(finishes)
    }
}
