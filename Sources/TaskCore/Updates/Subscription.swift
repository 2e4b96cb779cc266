import Synchronization

/// One subscriber's end of the hub: a mailbox and whoever waits at it.
final class Subscription: Sendable {
    private struct State {
        var mailbox: Mailbox
        var waiter: CheckedContinuation<TaskUpdate?, any Error>?
        var end: Result<TaskUpdate?, any Error>?
        /// The newest version delivered, for a single task.
        var delivered: Int64 = 0
    }

    let interest: Interest
    private let state: Mutex<State>
    private let onEnd: @Sendable (ObjectIdentifier) -> Void

    init(_ interest: Interest, onEnd: @escaping @Sendable (ObjectIdentifier) -> Void) {
        self.interest = interest
        self.onEnd = onEnd
        let capacity =
            switch interest {
            case .task: 1
            case .filter: TaskUpdates.capacity
            }
        state = Mutex(State(mailbox: Mailbox(capacity: capacity)))
    }

    deinit { onEnd(ObjectIdentifier(self)) }

    /// Delivers a record that may interest; called by the hub, one record of a task after the other.
    func offer(_ record: TaskRecord) {
        let resume: (() -> Void)? = state.withLock { state in
            guard state.end == nil else { return nil }
            switch interest {
            case .task(let id):
                guard record.id == id, record.version > state.delivered else { return nil }
                state.delivered = record.version
            case .filter(let filter):
                guard filter.matches(record) else { return nil }
            }
            state.mailbox.put(record)
            guard let waiter = state.waiter, let update = state.mailbox.take() else { return nil }
            state.waiter = nil
            if case .task = interest, update.record.isFinished { state.end = .success(nil) }
            return { waiter.resume(returning: update) }
        }
        resume?()
    }

    /// Notes that changes were missed; of a single task none are, for it is read anew.
    func missed() {
        guard case .filter = interest else { return }
        state.withLock { $0.mailbox.missed() }
    }

    /// Ends the subscription once what waits was read.
    func finish(_ error: (any Error)?) {
        let waiter = state.withLock { state in
            guard state.end == nil else { return nil as CheckedContinuation<TaskUpdate?, any Error>? }
            state.end = error.map { .failure($0) } ?? .success(nil)
            defer { state.waiter = nil }
            return state.waiter
        }
        if let waiter {
            if let error { waiter.resume(throwing: error) } else { waiter.resume(returning: nil) }
        }
    }

    func next() async throws -> TaskUpdate? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<TaskUpdate?, any Error>? = state.withLock { state in
                    if let update = state.mailbox.take() {
                        if case .task = interest, update.record.isFinished { state.end = .success(nil) }
                        return .success(update)
                    }
                    if let end = state.end { return end }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.waiter == nil else {
                        return .failure(
                            TaskError(
                                .invalidInput,
                                "A TaskUpdates iterator is read by two tasks at once; give each its own."
                            )
                        )
                    }
                    state.waiter = continuation
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
