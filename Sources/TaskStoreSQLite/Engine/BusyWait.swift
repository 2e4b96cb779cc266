import Foundation
import GRDB
import Synchronization

/// How long a locked file is waited for: looks again every 1 to 10 ms, at random so that processes take turns, until the time is over.
///
/// SQLite's own busy timeout sleeps up to 100 ms between looks, which leaves a process that always comes second far behind.
final class BusyWait: Sendable {
    private struct State {
        /// When the wait that goes on began, by thread: a connection is used by one thread at a time.
        var began: [ObjectIdentifier: ContinuousClock.Instant] = [:]
        var timeout: Duration
    }

    private let state: Mutex<State>

    init(timeout: Duration) { state = Mutex(State(timeout: timeout)) }

    /// Called by SQLite before each new try; false gives up.
    func shouldTryAgain(_ tries: Int) -> Bool {
        let thread = ObjectIdentifier(Thread.current)
        let now = ContinuousClock.now
        let goesOn = state.withLock { state in
            if tries == 0 { state.began[thread] = now }
            let goesOn = now - (state.began[thread] ?? now) < state.timeout
            if !goesOn { state.began[thread] = nil }
            return goesOn
        }
        if goesOn { Self.pause(after: tries) }
        return goesOn
    }

    /// Runs a body again while it fails because of a lock, for what SQLite gives up at once instead of asking whether to try again.
    func tryUntilUnlocked<Result>(_ body: () throws -> Result) throws -> Result {
        let end = ContinuousClock.now + state.withLock(\.timeout)
        var tries = 0
        while true {
            do {
                return try body()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && ContinuousClock.now < end {
                Self.pause(after: tries)
                tries += 1
            }
        }
    }

    private static func pause(after tries: Int) {
        Thread.sleep(forTimeInterval: Double.random(in: 0.001...(tries < 10 ? 0.003 : 0.01)))
    }

    /// Runs a body for which locks are waited for no longer than that.
    func withTimeout<Result>(_ timeout: Duration, _ body: () -> Result) -> Result {
        let usual = state.withLock { state in
            defer { state.timeout = min(state.timeout, timeout) }
            return state.timeout
        }
        defer { state.withLock { $0.timeout = usual } }
        return body()
    }
}
