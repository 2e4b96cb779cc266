import Synchronization

/// One Swift task that runs attempts one after the other: to make a task costs more than a short handler does.
///
/// To stop an attempt is to cancel the task, which cannot be taken back; a cancelled one runs nothing afterwards.
final class LaneTask: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var current: RunningAttempt?
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Runs the body on this thread up to its first suspension.
    func start(_ body: @escaping @Sendable (LaneTask) async -> Void) {
        let task = Task.immediate { await body(self) }
        let mustCancel = state.withLock { state in
            state.task = task
            return state.isCancelled
        }
        if mustCancel { task.cancel() }
    }

    /// From now on the task runs this attempt and is cancelled with it.
    func begin(_ attempt: RunningAttempt) {
        state.withLock { $0.current = attempt }
        attempt.runs(cancelledBy: self)
    }

    /// The attempt is over.
    ///
    /// - Returns: Whether the task may run another.
    func end() -> Bool {
        state.withLock { state in
            state.current = nil
            return !state.isCancelled
        }
    }
}

extension LaneTask: AttemptCanceller {
    func cancel(_ attempt: RunningAttempt) {
        let task = state.withLock { state in
            guard state.current === attempt else { return nil as Task<Void, Never>? }
            state.isCancelled = true
            return state.task
        }
        task?.cancel()
    }
}
