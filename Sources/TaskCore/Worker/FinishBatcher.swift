import Logging
import Metrics
import Synchronization

/// Takes outcomes to the store: one flush in flight, and what arrives meanwhile is the next. No timer, no delay when idle.
final class FinishBatcher: Sendable {
    private struct State {
        var waiting = Batch()
        var isFlushing = false
    }

    /// Attempts and their ends, side by side.
    struct Batch: Sendable {
        var attempts: [RunningAttempt] = []
        var finishes: [Finish] = []

        /// Takes out the first ones, at most so many.
        mutating func takeFirst(_ limit: Int) -> Batch {
            guard attempts.count > limit else {
                defer { self = Batch() }
                return self
            }
            let first = Batch(attempts: Array(attempts.prefix(limit)), finishes: Array(finishes.prefix(limit)))
            attempts.removeFirst(limit)
            finishes.removeFirst(limit)
            return first
        }
    }

    private let store: any TaskStore
    private let logger: Logger
    private let state = Mutex(State())
    private let acknowledged: @Sendable ([RunningAttempt], [FinishResult]) -> Void
    /// More than this in one call would make a transaction that others wait for.
    private let maxBatch = 1000

    init(
        store: any TaskStore,
        logger: Logger,
        acknowledged: @escaping @Sendable ([RunningAttempt], [FinishResult]) -> Void
    ) {
        self.store = store
        self.logger = logger
        self.acknowledged = acknowledged
    }

    func add(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) {
        let finish = Finish(lease: attempt.lease, outcome: outcome, report: attempt.takeLastReport())
        let mustStart = state.withLock { state in
            state.waiting.attempts.append(attempt)
            state.waiting.finishes.append(finish)
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
        if mustStart { Task { await self.flush() } }
    }

    private func flush() async {
        while let batch = nextBatch() { acknowledged(batch.attempts, await deliver(batch.finishes)) }
    }

    /// What waits; nil when nothing does, and then the flush is over.
    private func nextBatch() -> Batch? {
        state.withLock { state in
            let batch = state.waiting.takeFirst(maxBatch)
            if batch.attempts.isEmpty { state.isFlushing = false }
            return batch.attempts.isEmpty ? nil : batch
        }
    }

    /// Repeats a batch until the store answers. A batch that is refused again and again is delivered one by one, so that one
    /// outcome that the store cannot take does not hold up the others; that one becomes a failure it can take.
    ///
    /// - Parameter isLastResort: Whether the batch is that failure. Refused too, it is given up: its task is rescued when its deadline
    ///   passes or the worker ends.
    private func deliver(_ batch: [Finish], isLastResort: Bool = false) async -> [FinishResult] {
        var backoff = Backoff()
        var tries = 0
        while true {
            do {
                let results = try await store.finish(batch)
                return tries > 0 ? await settle(batch, results) : results
            } catch {
                tries += 1
                logger.warning(
                    "outcomes could not be written; trying again",
                    metadata: ["error": "\(error.readable)", "outcomes": "\(batch.count)", "tries": "\(tries)"]
                )
                if tries >= 3, (error as? TaskError)?.code == .invalidInput {
                    if isLastResort { return Array(repeating: .stale, count: batch.count) }
                    if batch.count == 1 { return await deliver([batch[0].refused(error)], isLastResort: true) }
                    var results: [FinishResult] = []
                    for finish in batch { results += await deliver([finish]) }
                    return results
                }
            }
            await backoff.wait()
        }
    }

    /// After a lost reply 'stale' may mean that the repeated call had been carried out: the history says.
    private func settle(_ batch: [Finish], _ results: [FinishResult]) async -> [FinishResult] {
        let stale = results.indices.filter { results[$0] == .stale }
        guard !stale.isEmpty, let statuses = try? await store.recorded(stale.map { batch[$0] }) else { return results }
        var settled = results
        for (index, status) in zip(stale, statuses) { if let status { settled[index] = .accepted(status) } }
        return settled
    }
}

extension TaskStore {
    /// For each finish the task's status now, if the history says that its attempt ended as it says; nil otherwise.
    func recorded(_ finishes: [Finish]) async throws -> [TaskStatus?] {
        let records = try await tasks(finishes.map(\.lease.task))
        var statuses: [TaskStatus?] = []
        for (finish, record) in zip(finishes, records) {
            // Mostly the task is still as this attempt left it, and one look at all of them is enough.
            if case .done = finish.outcome, let record, record.isDone(by: finish.lease) {
                statuses.append(.done)
            } else if let record, try await hasEnded(finish) {
                statuses.append(record.status)
            } else {
                statuses.append(nil)
            }
        }
        return statuses
    }

    private func hasEnded(_ finish: Finish) async throws -> Bool {
        let attempts = try await attempts(of: finish.lease.task)
        return attempts.contains { $0.fence == finish.lease.fence && finish.outcome.isRecorded(as: $0.outcome) }
    }
}

extension TaskRecord {
    fileprivate func isDone(by lease: Lease) -> Bool {
        status == .done && fence == lease.fence && worker == lease.worker
    }
}

extension Finish {
    fileprivate func refused(_ error: any Error) -> Finish {
        let failure = TaskFailure(
            code: "outcome_refused",
            message: "The store refused the outcome: \(error.readable)",
            isRetryable: false
        )
        return Finish(lease: lease, outcome: .failed(failure, retryAfter: nil))
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
