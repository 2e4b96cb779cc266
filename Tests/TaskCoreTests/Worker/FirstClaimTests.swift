import Synchronization
import TaskCore
import TaskTesting
import Testing

/// A worker that has just begun.
@Suite struct FirstClaimTests {
    /// Remembers which hints were asked for before the first claim.
    private final class Watched: StoreWrapper {
        let base: any TaskStore = MemoryTaskStore()
        private let asked = Mutex<Set<SignalKind>>([])
        private let atFirstClaim = Mutex<Set<SignalKind>?>(nil)
        let claimed = Gate()

        var askedBeforeTheFirstClaim: Set<SignalKind>? { atFirstClaim.withLock(\.self) }

        func signals(_ kind: SignalKind) -> AsyncStream<Void> {
            _ = asked.withLock { $0.insert(kind) }
            return base.signals(kind)
        }

        func claim(_ request: ClaimRequest) async throws -> ClaimReply {
            let kinds = asked.withLock(\.self)
            atFirstClaim.withLock { $0 = $0 ?? kinds }
            claimed.open()
            return try await base.claim(request)
        }
    }

    @Test func itListensBeforeItLooksSoThatNoHintFallsInBetween() async throws {
        for _ in 0..<50 {
            let store = Watched()
            let worker = try TaskWorker(try await makeManager(store)) {}
            try await worker.whileRunning { await store.claimed.wait() }
            #expect(store.askedBeforeTheFirstClaim?.isSuperset(of: [.work, .cancellations]) == true)
        }
    }
}
