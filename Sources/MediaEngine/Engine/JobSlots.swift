internal import Synchronization

/// Bounds how many jobs run at once; the others wait in the order they came, and may be cancelled while they wait.
final class JobSlots: Sendable {
    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        /// In order of arrival.
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Cancelled while they were not waiting.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    /// `count` jobs at once, at least one.
    init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Runs `body` while holding one slot.
    ///
    /// - Throws: `cancelled` when the task is cancelled before there is a slot, or what `body` throws.
    func withSlot<Result: Sendable>(
        _ body: () async throws(MediaError) -> Result
    ) async throws(MediaError) -> Result {
        guard await take() else { throw MediaError(.cancelled, "The work was cancelled before it began.") }
        defer { give() }
        return try await body()
    }

    private func take() async -> Bool {
        let ticket = state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        let granted = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                if let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) {
                    return state.waiting.remove(at: index).continuation
                }
                state.cancelled.insert(ticket)
                return nil
            }
            waiter?.resume(returning: false)
        }
        // A cancellation that came with the slot in hand is the job's to notice.
        state.withLock { _ = $0.cancelled.remove(ticket) }
        return granted
    }

    private func give() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
