import Synchronization

/// One waiter, many ringers: a ring before the wait is not lost, and many rings are one.
package final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRung = true
                return nil as CheckedContinuation<Void, Never>?
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when the task is cancelled. One waiter at a time.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }

    /// Returns at the next ring or after that long, also in a cancelled task.
    package func waitUncancelled(atMost timeout: Duration) async {
        let task = Task { await self.wait(atMost: timeout) }
        await task.value
    }

    /// Returns at the next ring, after that long, or when the task is cancelled.
    package func wait(atMost timeout: Duration) async {
        let timer = Task {
            try await Task.sleep(for: timeout)
            ring()
        }
        await wait()
        timer.cancel()
    }
}
