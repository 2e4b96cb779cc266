import DequeModule
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Logging
import Metrics
import Synchronization

/// One run of a worker, from its first claim to the end of its drain.
final class WorkerRun: Sendable {
    private struct State {
        var slots: WorkerSlots
        /// Claimed and not started yet.
        var claimed: Deque<RunningAttempt> = []
        var lanes = 0
    }

    private let id: WorkerID
    private let store: any TaskStore
    private let configuration: TaskWorker.Configuration
    private let runner: AttemptRunner
    private let logger: Logger
    private let state: Mutex<State>
    private let bell = Bell()
    private let idle = Bell()
    private let heartbeat: Heartbeat
    private let finishes: FinishBatcher
    private let maxLanes = Processors.count
    private let telemetry: WorkerTelemetry

    init(
        id: WorkerID,
        store: any TaskStore,
        configuration: TaskWorker.Configuration,
        registry: TaskRegistry,
        logger: Logger
    ) {
        self.id = id
        self.store = store
        self.configuration = configuration
        self.logger = logger
        runner = AttemptRunner(registry: registry)
        telemetry = WorkerTelemetry(registry)
        state = Mutex(State(slots: WorkerSlots(configuration.queues.map { ($0.name, $0.concurrency) })))
        let callbacks = Callbacks()
        heartbeat = Heartbeat(
            store: store,
            settings: Heartbeat.Settings(
                worker: id,
                leaseDuration: configuration.leaseDuration,
                beatInterval: configuration.beatInterval,
                stopGrace: configuration.stopGrace
            ),
            logger: logger
        ) { callbacks.run?.giveUp($0) }
        finishes = FinishBatcher(store: store, logger: logger) { callbacks.run?.acknowledged($0, $1) }
        callbacks.set(self)
    }

    /// The way back from the parts to the run, which is not whole yet when they are made.
    private final class Callbacks: Sendable {
        private struct Weak { weak var run: WorkerRun? }
        private let weak = Mutex(Weak())
        var run: WorkerRun? { weak.withLock { $0.run } }
        func set(_ run: WorkerRun) { weak.withLock { $0.run = run } }
    }

    // MARK: Life

    func run() async {
        heartbeat.start()
        logger.info(
            "worker started",
            metadata: ["queues": "\(configuration.queues.map(\.name).joined(separator: ","))"]
        )
        // Before the first claim: what is told behind its back would wait for the next look.
        let (work, cancellations) = (store.signals(.work), store.signals(.cancellations))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in work { self.workMayBeReady() } }
            group.addTask { for await _ in cancellations { self.heartbeat.beatNow() } }
            group.addTask { await self.sweep() }
            await self.claimLoop()
            group.cancelAll()
        }
        await finishRunning()
        heartbeat.stop()
        do {
            try await store.retire(id)
        } catch {
            logger.warning(
                "worker could not sign off; its lease will run out",
                metadata: ["error": "\(error.readable)"]
            )
        }
        logger.info("worker stopped")
    }

    /// Claims no more.
    func drain() {
        state.withLock { $0.slots.drain() }
        bell.ring()
    }

    private func workMayBeReady() {
        state.withLock { $0.slots.workMayBeReady() }
        bell.ring()
    }

    private func sweep() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.sweepInterval * Double.random(in: 0.8...1))
            guard !Task.isCancelled else { return }
            do {
                let report = try await store.rescue(limit: 1000)
                if report.total > 0 {
                    logger.warning(
                        "rescued tasks of lost workers",
                        metadata: [
                            "requeued": "\(report.requeued)", "failed": "\(report.failed)",
                            "cancelled": "\(report.cancelled)",
                        ]
                    )
                }
            } catch {
                logger.warning("sweep failed; trying again", metadata: ["error": "\(error.readable)"])
            }
        }
    }

    // MARK: Claiming

    private func claimLoop() async {
        var backoff = Backoff()
        var nextLook = ContinuousClock.now
        var mayHoldLostClaim = false
        while true {
            switch state.withLock({ $0.slots.next() }) {
            case .stop:
                return
            case .wait:
                if state.withLock({ $0.slots.isFull }) {
                    await bell.wait()
                } else if nextLook > .now {
                    await bell.wait(atMost: nextLook - .now)
                } else {
                    state.withLock { $0.slots.workMayBeReady() }
                }
            case .claim(let limits):
                let startedAt = ContinuousClock.now
                do {
                    if mayHoldLostClaim { try await giveBackLostClaims() }
                    mayHoldLostClaim = false
                    let reply = try await store.claim(
                        ClaimRequest(worker: id, queues: limits, leaseDuration: configuration.leaseDuration)
                    )
                    heartbeat.renewed(at: startedAt)
                    backoff.reset()
                    nextLook = startedAt + min(configuration.pollInterval, untilDue(reply.nextRunAt))
                    start(reply.tasks, of: limits)
                } catch {
                    state.withLock { $0.slots.claimFailed() }
                    mayHoldLostClaim = true
                    logger.warning("claim failed; trying again", metadata: ["error": "\(error.readable)"])
                    nextLook = .now + backoff.nextDelay()
                }
            }
        }
    }

    /// A claim whose reply was lost may have been carried out. What the store says this worker runs, and it does not, goes back
    /// unused: its beats would keep such a task running for ever.
    private func giveBackLostClaims() async throws {
        // Taken before the store is asked: whatever it then calls running has been here all along, for nothing else claims.
        let known = Set(heartbeat.attempts.map(\.lease))
        let queues = Set(configuration.queues.map(\.name))
        var query = TaskQuery(TaskFilter(statuses: [.running], queues: queues), limit: 1000)
        var lost: [Finish] = []
        repeat {
            let page = try await store.list(query)
            let leases = page.records.filter { $0.worker == id }.map { ClaimedTask(record: $0).lease }
            lost += leases.filter { !known.contains($0) }.map { Finish(lease: $0, outcome: .released) }
            query.cursor = page.next
        } while query.cursor != nil
        guard !lost.isEmpty else { return }
        _ = try await store.finish(lost)
        logger.warning("gave back tasks of a claim whose reply was lost", metadata: ["tasks": "\(lost.count)"])
    }

    /// How long until a scheduled task is due, a little over so that it is then.
    private func untilDue(_ runAt: Date?) -> Duration {
        guard let runAt else { return .seconds(86_400) }
        return .seconds(max(0, runAt.timeIntervalSince(SystemTaskClock().now()))) + .milliseconds(1)
    }

    private func start(_ tasks: [ClaimedTask], of limits: [ClaimRequest.QueueLimit]) {
        let attempts = tasks.map { RunningAttempt($0, heartbeat: heartbeat, logger: logger) }
        heartbeat.add(attempts)
        let newLanes = state.withLock { state in
            state.slots.claimed(Self.counts(tasks.lazy.map(\.record.queue)), of: limits)
            state.claimed.append(contentsOf: attempts)
            let wanted = min(maxLanes, state.lanes + tasks.count)
            defer { state.lanes = wanted }
            return wanted - state.lanes
        }
        for _ in 0..<max(0, newLanes) { Task { self.lane() } }
    }

    /// Starts claimed tasks one after the other; each runs on this thread up to its first suspension. There are as many lanes as the pool
    /// has threads, so handlers that compute without suspending run side by side as they would with a task each.
    private func lane() {
        while state.withLock({ state in
            if state.claimed.isEmpty { state.lanes -= 1 }
            return !state.claimed.isEmpty
        }) {
            LaneTask().start { await self.runClaimed(in: $0) }
        }
    }

    /// Runs claimed tasks until there is none, or one was cancelled. While one is suspended, the lane goes on with another task.
    private nonisolated(nonsending) func runClaimed(in task: LaneTask) async {
        while let attempt = state.withLock({ $0.claimed.popFirst() }) {
            task.begin(attempt)
            let outcome = await runner.run(attempt)
            let mayGoOn = task.end()
            ended(attempt, outcome)
            // Also a handler may have cancelled the task it runs in.
            guard mayGoOn, !Task.isCancelled else { return }
        }
    }

    // MARK: Finishing

    private func ended(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) {
        guard attempt.end() else {
            // It was given up before it returned.
            logger.info("stuck handler returned after it was given up", metadata: ["task_id": "\(attempt.record.id)"])
            return
        }
        noteFailure(attempt, outcome)
        finishes.add(attempt, outcome)
    }

    /// No warning: retries are there for failures, and the task's record says more.
    private func noteFailure(_ attempt: RunningAttempt, _ outcome: Finish.Outcome) {
        switch outcome {
        case .failed(let failure, _), .timedOut(let failure, _):
            attempt.logger.notice(
                "attempt failed",
                metadata: ["error": "\(failure.message)", "code": "\(failure.code)"]
            )
        case .done, .cancelled, .snoozed, .released: break
        }
    }

    private func giveUp(_ attempt: RunningAttempt) {
        guard let reason = attempt.stopReason, attempt.end() else { return }
        let message =
            "The handler did not stop within \(configuration.stopGrace.readable) of being told to (\(reason.rawValue))."
        switch reason {
        case .timedOut:
            let failure = TaskFailure(code: "timed_out", message: message, isRetryable: true)
            finishes.add(attempt, .timedOut(failure, retryAfter: .seconds(1)))
        case .cancelRequested:
            finishes.add(attempt, .cancelled)
        case .draining, .leaseLost:
            finishes.add(attempt, .released)
        }
    }

    private func acknowledged(_ attempts: [RunningAttempt], _ results: [FinishResult]) {
        heartbeat.remove(attempts)
        telemetry.ended(zip(attempts, results))
        for case (let attempt, .stale) in zip(attempts, results) {
            telemetry.stale()
            logger.warning(
                "late outcome refused: the task was taken over by another attempt or is over",
                metadata: ["task_id": "\(attempt.record.id)", "fence": "\(attempt.lease.fence)"]
            )
        }
        let isIdle = state.withLock { state in
            state.slots.freed(Self.counts(attempts.lazy.map(\.record.queue)))
            return state.slots.running == 0
        }
        bell.ring()
        if isIdle { idle.ring() }
    }

    /// How often each queue is named. Neighbours are mostly the same, so few names are hashed.
    private static func counts(_ queues: some Sequence<String>) -> [String: Int] {
        var counts: [String: Int] = [:]
        var (name, count) = ("", 0)
        for queue in queues {
            if queue == name {
                count += 1
            } else {
                if count > 0 { counts[name, default: 0] += count }
                (name, count) = (queue, 1)
            }
        }
        if count > 0 { counts[name, default: 0] += count }
        return counts
    }

    private func finishRunning() async {
        // Claimed but not started: straight back.
        let unstarted = state.withLock { state in
            defer { state.claimed = [] }
            return Array(state.claimed)
        }
        for attempt in unstarted where attempt.end() { finishes.add(attempt, .released) }
        await wait(atMost: configuration.drainTimeout)
        for attempt in heartbeat.attempts { attempt.stop(.draining) }
        await wait(atMost: configuration.stopGrace)
        for attempt in heartbeat.attempts { giveUp(attempt) }
        await wait(atMost: configuration.stopGrace)
    }

    /// Returns when nothing runs, or after that long.
    private func wait(atMost timeout: Duration) async {
        let end = ContinuousClock.now + timeout
        while state.withLock({ $0.slots.running }) > 0, ContinuousClock.now < end {
            await idle.waitUncancelled(atMost: end - .now)
        }
    }
}
