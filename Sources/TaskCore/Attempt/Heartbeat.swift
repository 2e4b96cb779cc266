import Logging
import Metrics
import Synchronization

/// Keeps a worker's lease while attempts run, on a thread of its own: takes their reports to the store, tells them to stop when
/// they are cancelled, out of time or without lease, and names those that do not stop.
///
/// On this process's monotonic clock: when no beat got through for as long as the lease lasts, every attempt is told to stop, for
/// others may run its task by now.
final class Heartbeat: Sendable {
    struct Settings: Sendable {
        var worker: WorkerID
        var leaseDuration: Duration
        var beatInterval: Duration
        /// Reports wait at least this long after the last ones were taken.
        var reportInterval: Duration = .milliseconds(250)
        /// How long a handler that was told to stop may take before it is given up.
        var stopGrace: Duration
    }

    private struct State {
        var attempts: [RunningAttempt] = []
        var isStarted = false
        var isStopped = false
        var isBeating = false
        /// News came while a beat was under way or too soon after the last.
        var mustBeatAgain = false
        var lastReports: ContinuousClock.Instant?
        var lastRenewal = ContinuousClock.now
        var nextDeadline: ContinuousClock.Instant?
        var isReportDue = false
    }

    private enum TimerID {
        static let beat = 1
        static let reports = 2
        static let deadline = 3
    }

    let settings: Settings
    private let store: any TaskStore
    private let logger: Logger
    private let thread: ExecutorThread
    private let state = Mutex(State())
    /// Called for an attempt that was told to stop and did not within the grace.
    private let giveUp: @Sendable (RunningAttempt) -> Void
    private let staleCounter = Counter(label: "taskcore_stale_total", dimensions: [("verb", "beat")])
    private let stuckCounter = Counter(label: "taskcore_stuck_handlers_total")
    private let beatFailures = Counter(label: "taskcore_beat_failures_total")

    init(
        store: any TaskStore,
        settings: Settings,
        logger: Logger,
        giveUp: @escaping @Sendable (RunningAttempt) -> Void
    ) {
        self.store = store
        self.settings = settings
        self.logger = logger
        self.giveUp = giveUp
        thread = ExecutorThread()
    }

    func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            state.lastRenewal = .now
            return !state.isStarted
        }
        guard isFirst else { return }
        thread.start()
        beatLater()
    }

    /// Stops beating; the lease runs out by itself unless the worker retires.
    func stop() {
        state.withLock { $0.isStopped = true }
        thread.stop()
    }

    // MARK: Attempts

    func add(_ attempts: [RunningAttempt]) {
        state.withLock { state in
            let first = state.attempts.count
            for (offset, attempt) in attempts.enumerated() {
                attempt.place.store(first + offset, ordering: .relaxed)
            }
            state.attempts += attempts
        }
    }

    /// An attempt's time is over then.
    func watch(_ deadline: ContinuousClock.Instant) {
        let isNext = state.withLock { state in
            guard state.nextDeadline.map({ deadline < $0 }) ?? true else { return false }
            state.nextDeadline = deadline
            return true
        }
        if isNext { checkDeadlines(at: deadline) }
    }

    func remove(_ attempts: [RunningAttempt]) {
        state.withLock { state in
            for attempt in attempts {
                let place = attempt.place.exchange(-1, ordering: .relaxed)
                guard place >= 0, let last = state.attempts.popLast(), last !== attempt else { continue }
                state.attempts[place] = last
                last.place.store(place, ordering: .relaxed)
            }
        }
    }

    var attempts: [RunningAttempt] { state.withLock { $0.attempts } }

    /// The claim or beat that just succeeded renewed the lease.
    func renewed(at instant: ContinuousClock.Instant) {
        state.withLock { $0.lastRenewal = max($0.lastRenewal, instant) }
    }

    // MARK: Reports

    /// An attempt has something to say: takes it along soon.
    func hasNews() {
        let due: ContinuousClock.Instant? = state.withLock { state in
            guard !state.isReportDue else { return nil }
            state.isReportDue = true
            let now = ContinuousClock.now
            return state.lastReports.map { max(now, $0 + settings.reportInterval) } ?? now
        }
        if let due { setReportTimer(due) }
    }

    /// Reports that an early beat left behind go with the next one, even where the timer that stood for them just fired.
    private func rearm(at due: ContinuousClock.Instant) {
        if state.withLock({ $0.isReportDue }) { setReportTimer(due) }
    }

    private func setReportTimer(_ due: ContinuousClock.Instant) {
        thread.setTimer(TimerID.reports, at: due) { [weak self] in self?.startBeat() }
    }

    /// Writes one report now, and throws when it was not accepted.
    func write(_ report: TaskReport, of attempt: RunningAttempt) async throws {
        let reply = try await store.beat(
            WorkerBeat(worker: settings.worker, leaseDuration: settings.leaseDuration, reports: [report])
        )
        guard !reply.lost.contains(report.lease) else {
            attempt.stop(.leaseLost)
            throw TaskError(.leaseLost, "The attempt does not hold its task any more.", taskID: report.lease.task)
        }
    }

    /// Beats at once: a cancellation may have been asked for.
    func beatNow() { startBeat() }

    // MARK: Beating

    private func beatLater() {
        thread.setTimer(TimerID.beat, at: .now + settings.beatInterval) { [weak self] in
            guard let self else { return }
            startBeat()
            checkLease()
            checkStuck()
            beatLater()
        }
    }

    private func startBeat() {
        let isFree = state.withLock { state in
            guard !state.isStopped else { return false }
            if state.isBeating { state.mustBeatAgain = true }
            defer { state.isBeating = true }
            return !state.isBeating
        }
        guard isFree else { return }
        Task(executorPreference: thread) { await self.beat() }
    }

    private func beat() async {
        repeat {
            let startedAt = ContinuousClock.now
            // A beat that comes early, to learn of a cancellation, leaves the reports to the one that is due.
            let (attempts, reportsDue): ([RunningAttempt], ContinuousClock.Instant?) = state.withLock { state in
                state.mustBeatAgain = false
                let due = state.lastReports.map { $0 + settings.reportInterval } ?? startedAt
                if due > startedAt { return (state.attempts, due) }
                state.isReportDue = false
                state.lastReports = startedAt
                return (state.attempts, nil)
            }
            if let reportsDue { rearm(at: reportsDue) }
            let reports =
                reportsDue == nil ? attempts.compactMap { attempt in attempt.takeReport().map { (attempt, $0) } } : []
            do {
                let reply = try await store.beat(
                    WorkerBeat(
                        worker: settings.worker,
                        leaseDuration: settings.leaseDuration,
                        held: attempts.map(\.lease),
                        reports: reports.map(\.1)
                    )
                )
                renewed(at: startedAt)
                for (attempt, _) in reports { attempt.reportWritten() }
                tell(attempts, reply)
            } catch {
                for (attempt, report) in reports { attempt.putBack(report) }
                beatFailures.increment()
                logger.warning("heartbeat failed; trying again", metadata: ["error": "\(error.readable)"])
                if !reports.isEmpty { hasNews() }
            }
        } while state.withLock { state in
            if !state.mustBeatAgain { state.isBeating = false }
            return state.mustBeatAgain
        }
    }

    private func tell(_ attempts: [RunningAttempt], _ reply: BeatReply) {
        guard !reply.lost.isEmpty || !reply.cancelRequested.isEmpty else { return }
        let cancelled = Set(reply.cancelRequested)
        let lost = Set(reply.lost)
        for attempt in attempts {
            if lost.contains(attempt.lease) {
                // It may have ended while the beat was under way: then its finish says what became of it.
                guard attempt.place.load(ordering: .relaxed) >= 0 else { continue }
                attempt.stop(.leaseLost) {
                    staleCounter.increment()
                    logger.warning(
                        "lease lost: another attempt may be running; this one is stopped and its writes are refused",
                        metadata: ["task_id": "\(attempt.record.id)", "fence": "\(attempt.lease.fence)"]
                    )
                }
            } else if cancelled.contains(attempt.record.id) {
                attempt.stop(.cancelRequested)
            }
        }
    }

    // MARK: Own clock

    private func checkLease() {
        let lapsed = state.withLock { state in
            ContinuousClock.now - state.lastRenewal >= settings.leaseDuration ? state.attempts : []
        }
        for attempt in lapsed {
            attempt.stop(.leaseLost) {
                logger.error(
                    "no heartbeat got through for a whole lease; the attempt is stopped, others may run its task",
                    metadata: ["task_id": "\(attempt.record.id)"]
                )
            }
        }
    }

    private func checkDeadlines(at due: ContinuousClock.Instant) {
        thread.setTimer(TimerID.deadline, at: due) { [weak self] in
            guard let self else { return }
            let now = ContinuousClock.now
            let (over, next) = state.withLock { state in
                let over = state.attempts.filter { $0.monotonicDeadline.map { $0 <= now } ?? false }
                state.nextDeadline = state.attempts.compactMap(\.monotonicDeadline).filter { $0 > now }.min()
                return (over, state.nextDeadline)
            }
            for attempt in over { attempt.stop(.timedOut) }
            if !over.isEmpty {
                thread.setTimer(TimerID.deadline + 1, at: now + settings.stopGrace) { [weak self] in self?.checkStuck()
                }
            }
            if let next { checkDeadlines(at: next) }
        }
    }

    private func checkStuck() {
        let now = ContinuousClock.now
        for attempt in attempts where !attempt.isOver {
            guard let stoppedAt = attempt.stoppedAt, now - stoppedAt >= settings.stopGrace else { continue }
            stuckCounter.increment()
            logger.warning(
                "handler was told to stop and is still running; it must check for cancellation",
                metadata: [
                    "task_id": "\(attempt.record.id)", "task_name": "\(attempt.record.name)",
                    "reason": "\(attempt.stopReason?.rawValue ?? "")", "for": "\((now - stoppedAt).readable)",
                ]
            )
            giveUp(attempt)
        }
    }
}
