import Synchronization

/// A caller that waits for a thread of ours: answered once, or gone because its task was cancelled before its turn came.
package final class PendingCall<Answer: Sendable>: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Answer, any Error>)
        case running(CheckedContinuation<Answer, any Error>)
        case over
    }

    private let state = Mutex(State.new)

    package init() {}

    /// Waits for the answer. `enqueue` hands the call to its thread, and says false when that takes none any more.
    package func wait(enqueue: () -> Bool) async throws -> Answer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard case .new = state else { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else if !enqueue() {
                    resume(.failure(TaskError(.storeUnavailable, "The task store is closed.")))
                }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Answer, any Error>? in
                switch state {
                case .new:
                    state = .over
                    return nil
                case .waiting(let continuation):
                    state = .over
                    return continuation
                case .running, .over:
                    return nil
                }
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Whether the call is still wanted; from now on it is answered, whatever becomes of its caller.
    package func begin() -> Bool {
        state.withLock { state in
            guard case .waiting(let continuation) = state else { return false }
            state = .running(continuation)
            return true
        }
    }

    package func resume(_ result: Result<Answer, any Error>) {
        let continuation = state.withLock { state -> CheckedContinuation<Answer, any Error>? in
            defer { state = .over }
            switch state {
            case .waiting(let continuation), .running(let continuation): return continuation
            case .new, .over: return nil
            }
        }
        continuation?.resume(with: result)
    }
}
