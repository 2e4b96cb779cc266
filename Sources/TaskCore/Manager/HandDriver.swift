import Logging
import Synchronization

/// Keeps the leases of tasks that are driven by hand in this process: a worker without queues.
final class HandDriver: Sendable {
    private let store: any TaskStore
    private let logger: Logger
    private let heartbeat: Heartbeat
    private let worker = WorkerID.make(prefix: "h")
    private let leaseDuration: Duration = .seconds(20)
    private let isInUse = Mutex(false)
    private let isStopped = Mutex(false)

    init(store: any TaskStore, logger: Logger) {
        self.store = store
        self.logger = logger
        heartbeat = Heartbeat(
            store: store,
            settings: Heartbeat.Settings(
                worker: worker,
                leaseDuration: leaseDuration,
                beatInterval: .seconds(5),
                stopGrace: .seconds(5)
            ),
            logger: logger
        ) { _ in }
    }

    /// Stores a task that is running already, held by this process.
    func begin(_ task: NewTask) async throws -> RunningAttempt {
        use()
        let request = EnqueueRequest(try task.validated(), claimedBy: worker, leaseDuration: leaseDuration)
        let results: [EnqueueResult]
        do {
            results = try await store.enqueue([request])
        } catch {
            do {
                // The id is the same: where only the reply was lost, this finds the task.
                results = try await store.enqueue([request])
            } catch {
                // Perhaps it is stored and held by this process, and nobody drives it.
                giveUp(Lease(task: task.id, fence: 1, worker: worker))
                throw error
            }
        }
        switch results.first {
        case .inserted(let record):
            return keep(ClaimedTask(record: record))
        case .existing(let record) where record.id == task.id && record.worker == worker && record.status == .running:
            return keep(ClaimedTask(record: record))
        case .existing(let record):
            throw TaskError(
                .wrongStatus,
                "The task exists already and is \(record.status.rawValue).",
                taskID: record.id
            )
        case .conflict(let id):
            throw TaskError(
                .idempotencyConflict,
                "The idempotency key was used before for another task name or input.",
                taskID: id
            )
        case nil:
            throw TaskError(.storeUnavailable, "The store did not say what became of the task.", taskID: task.id)
        }
    }

    /// Claims a waiting task; nil when none is ready.
    func claim(from queue: String) async throws -> RunningAttempt? {
        use()
        let request = ClaimRequest(worker: worker, queues: [.init(queue, limit: 1)], leaseDuration: leaseDuration)
        return try await store.claim(request).tasks.first.map(keep)
    }

    /// Ends an attempt.
    ///
    /// - Throws: `TaskError` with code `leaseLost` when another attempt may be running.
    func finish(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) async throws -> TaskStatus {
        if case .done(let result, _) = outcome, let failure = TaskFailure.tooLarge(result: result) {
            throw TaskError(.invalidInput, failure.message, taskID: attempt.record.id)
        }
        let report = attempt.takeLastReport()
        var result: FinishResult?
        do {
            let finish = Finish(lease: attempt.lease, outcome: outcome, report: report)
            result = try await store.finish([finish]).first
            // It may be this call's repetition that comes late.
            if result == .stale, !attempt.isOver, let status = try await store.recorded([finish]).first ?? nil {
                result = .accepted(status)
            }
        } catch {
            if let report { attempt.putBack(report) }
            throw error
        }
        _ = attempt.end()
        heartbeat.remove([attempt])
        guard case .accepted(let status) = result else {
            throw TaskError(
                .leaseLost,
                "The attempt does not hold its task any more; its outcome was refused.",
                taskID: attempt.record.id
            )
        }
        return status
    }

    /// Ends an attempt whose outcome cannot be asked for again: tries for as long as a lease would last without beats.
    func finishPatiently(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) async throws -> TaskStatus {
        let end = ContinuousClock.now + leaseDuration
        var backoff = Backoff()
        while true {
            do {
                return try await finish(attempt, outcome)
            } catch let error as TaskError where error.code == .storeUnavailable {
                let delay = backoff.nextDelay()
                guard ContinuousClock.now + delay < end, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: delay)
            }
        }
    }

    /// Gives up a task whose driver let it go.
    func abandon(_ attempt: RunningAttempt) {
        guard attempt.end() else { return }
        heartbeat.remove([attempt])
        giveUp(attempt.lease)
    }

    /// Fails a task that this process holds and nobody drives: its lease is renewed with the process's others, so no sweep would find it.
    private func giveUp(_ lease: Lease) {
        let failure = TaskFailure(
            code: "abandoned",
            message: "The code that drove the task let it go without ending it.",
            isRetryable: true
        )
        Task { [weak self, store, logger] in
            var backoff = Backoff()
            while true {
                do {
                    _ = try await store.finish([Finish(lease: lease, outcome: .failed(failure, retryAfter: .zero))])
                    return
                } catch {
                    logger.warning(
                        "abandoned task could not be failed; trying again",
                        metadata: ["task_id": "\(lease.task)", "error": "\(error.readable)"]
                    )
                }
                // A stopped driver has given back what it held, or its lease runs out.
                guard self?.isStopped.withLock({ $0 }) == false else { return }
                await backoff.wait()
            }
        }
    }

    func stop() async {
        isStopped.withLock { $0 = true }
        guard isInUse.withLock({ $0 }) else { return }
        heartbeat.stop()
        try? await store.retire(worker)
    }

    private func use() {
        isInUse.withLock { $0 = true }
        heartbeat.start()
    }

    private func keep(_ claimed: ClaimedTask) -> RunningAttempt {
        let attempt = RunningAttempt(claimed, heartbeat: heartbeat, logger: logger)
        heartbeat.add([attempt])
        attempt.runs(cancelledBy: nil)
        return attempt
    }
}
