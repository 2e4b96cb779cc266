import Logging
import Metrics
import Synchronization

/// Takes outcomes to the store: one flush in flight, and what arrives meanwhile is the next. No timer, no delay when idle.
final class FinishBatcher: Sendable {
    private struct State {
        var waiting: [Item] = []
        var isFlushing = false
        var idleWaiters: [CheckedContinuation<Void, Never>] = []
    }

    struct Item: Sendable {
        let attempt: RunningAttempt
        var finish: Finish
    }

    private let store: any TaskStore
    private let logger: Logger
    private let state = Mutex(State())
    private let acknowledged: @Sendable ([(RunningAttempt, FinishResult)]) -> Void
    /// More than this in one call would make a transaction that others wait for.
    private let maxBatch = 1000

    init(
        store: any TaskStore,
        logger: Logger,
        acknowledged: @escaping @Sendable ([(RunningAttempt, FinishResult)]) -> Void
    ) {
        self.store = store
        self.logger = logger
        self.acknowledged = acknowledged
    }

    func add(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) {
        let item = Item(
            attempt: attempt,
            finish: Finish(lease: attempt.lease, outcome: outcome, report: attempt.takeLastReport())
        )
        let mustStart = state.withLock { state in
            state.waiting.append(item)
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
        if mustStart { Task { await self.flush() } }
    }

    /// Returns once everything added so far was acknowledged.
    func idle() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isFlushing { state.idleWaiters.append(continuation) }
                return !state.isFlushing
            }
            if isIdle { continuation.resume() }
        }
    }

    private func flush() async {
        while true {
            let (batch, waiters): ([Item], [CheckedContinuation<Void, Never>]) = state.withLock { state in
                let batch = Array(state.waiting.prefix(maxBatch))
                state.waiting.removeFirst(batch.count)
                guard batch.isEmpty else { return (batch, []) }
                state.isFlushing = false
                defer { state.idleWaiters = [] }
                return ([], state.idleWaiters)
            }
            guard !batch.isEmpty else {
                for waiter in waiters { waiter.resume() }
                return
            }
            acknowledged(await deliver(batch))
        }
    }

    /// Repeats a batch until the store answers. A batch that is refused again and again is delivered one by one, so that one
    /// outcome that the store cannot take does not hold up the others; that one becomes a failure it can take.
    private func deliver(_ batch: [Item]) async -> [(RunningAttempt, FinishResult)] {
        var backoff = Backoff()
        var tries = 0
        while true {
            do {
                let results = try await store.finish(batch.map(\.finish))
                var answers = Array(zip(batch.map(\.attempt), results))
                if tries > 0 { answers = await settle(answers, batch) }
                return answers
            } catch {
                tries += 1
                logger.warning(
                    "outcomes could not be written; trying again",
                    metadata: ["error": "\(error.readable)", "outcomes": "\(batch.count)", "tries": "\(tries)"]
                )
                if tries >= 3, (error as? TaskError)?.code == .invalidInput {
                    if batch.count == 1 { return await deliver([batch[0].refused(error)]) }
                    var answers: [(RunningAttempt, FinishResult)] = []
                    for item in batch { answers += await deliver([item]) }
                    return answers
                }
            }
            await backoff.wait()
        }
    }

    /// After a lost reply 'stale' may mean that the repeated call had been carried out: the history says.
    private func settle(_ answers: [(RunningAttempt, FinishResult)], _ batch: [Item]) async -> [(
        RunningAttempt, FinishResult
    )] {
        var settled: [(RunningAttempt, FinishResult)] = []
        for (answer, item) in zip(answers, batch) {
            if answer.1 == .stale, let status = try? await store.recorded(item.finish) {
                settled.append((answer.0, .accepted(status)))
            } else {
                settled.append(answer)
            }
        }
        return settled
    }
}

extension TaskStore {
    /// The task's status now, if the history says that an attempt ended as this finish says; nil otherwise.
    func recorded(_ finish: Finish) async throws -> TaskStatus? {
        guard let record = try await tasks([finish.lease.task]).first ?? nil,
            let attempt = try await attempts(of: finish.lease.task).first(where: { $0.fence == finish.lease.fence }),
            finish.outcome.isRecorded(as: attempt.outcome)
        else { return nil }
        return record.status
    }
}

extension FinishBatcher.Item {
    fileprivate func refused(_ error: any Error) -> FinishBatcher.Item {
        var item = self
        let failure = TaskFailure(
            code: "outcome_refused",
            message: "The store refused the outcome: \(error.readable)",
            isRetryable: false
        )
        item.finish = Finish(lease: finish.lease, outcome: .failed(failure, retryAfter: nil))
        return item
    }
}

extension Finish.Outcome {
    fileprivate func isRecorded(as outcome: Attempt.Outcome?) -> Bool {
        switch (self, outcome) {
        case (.done, .done), (.failed, .failed), (.timedOut, .timedOut), (.cancelled, .cancelled), (.snoozed, .snoozed),
            (.released, .released):
            true
        default: false
        }
    }
}
