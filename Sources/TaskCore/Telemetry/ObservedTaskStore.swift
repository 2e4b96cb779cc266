import Metrics
import Tracing

/// Wraps a store once with metrics and traces, so that stores hold only queries.
struct ObservedTaskStore: TaskStore {
    private let store: any TaskStore
    private let verbs: VerbTelemetry

    init(_ store: any TaskStore) {
        self.store = store
        verbs = VerbTelemetry()
    }

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        let results = try await observe(.enqueue) { try await store.enqueue(tasks) }
        verbs.enqueued(results)
        return results
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let reply = try await observe(.claim) { try await store.claim(request) }
        verbs.claimed.increment(by: reply.tasks.count)
        return reply
    }

    func beat(_ beat: WorkerBeat) async throws -> BeatReply { try await observe(.beat) { try await store.beat(beat) } }

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        let results = try await observe(.finish) { try await store.finish(finishes) }
        verbs.finished(results)
        return results
    }

    func retire(_ worker: WorkerID) async throws { try await observe(.retire) { try await store.retire(worker) } }

    func rescue(limit: Int) async throws -> RescueReport {
        let report = try await observe(.rescue) { try await store.rescue(limit: limit) }
        verbs.rescued.increment(by: report.total)
        return report
    }

    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await observe(.cancel) { try await store.cancel(selection, limit: limit) }
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try await observe(.retry) { try await store.retry(selection, changes: changes, limit: limit) }
    }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try await observe(.update) { try await store.update(id, changes: changes, expectedVersion: expectedVersion) }
    }

    func setPaused(_ paused: Bool, queue: String) async throws {
        try await observe(.setPaused) { try await store.setPaused(paused, queue: queue) }
    }

    func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try await observe(.prune) { try await store.prune(policy, limit: limit) }
    }

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await observe(.tasks) { try await store.tasks(ids) }
    }
    func list(_ query: TaskQuery) async throws -> TaskPage { try await observe(.list) { try await store.list(query) } }

    func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try await observe(.statistics) { try await store.statistics(query) }
    }

    func attempts(of id: TaskID) async throws -> [Attempt] {
        try await observe(.attempts) { try await store.attempts(of: id) }
    }
    func queues() async throws -> [QueueInfo] { try await observe(.queues) { try await store.queues() } }
    func workers() async throws -> [WorkerInfo] { try await observe(.workers) { try await store.workers() } }

    func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try await observe(.changes) { try await store.changes(since: cursor, limit: limit) }
    }

    func signals(_ kind: SignalKind) -> AsyncStream<Void> { store.signals(kind) }
    func migrate() async throws { try await observe(.migrate) { try await store.migrate() } }
    func close() async { await store.close() }

    private func observe<Answer: Sendable>(_ verb: Verb, _ call: () async throws -> Answer) async throws -> Answer {
        let startedAt = ContinuousClock.now
        do {
            let answer = try await withSpan(verb.spanName, ofKind: .client) { _ in try await call() }
            verbs.durations[verb]?.recordNanoseconds((ContinuousClock.now - startedAt).nanoseconds)
            return answer
        } catch {
            verbs.errors[verb]?.increment()
            throw error
        }
    }
}

/// The store's methods, as metrics and traces name them.
enum Verb: String, CaseIterable, Sendable {
    case enqueue, claim, beat, finish, retire, rescue, cancel, retry, update, setPaused, prune
    case tasks, list, statistics, attempts, queues, workers, changes, migrate

    var spanName: String { "taskstore.\(rawValue)" }
}

/// What is measured of a store.
struct VerbTelemetry: Sendable {
    let durations: [Verb: Timer]
    let errors: [Verb: Counter]
    let claimed = Counter(label: "taskcore_claimed_total")
    let rescued = Counter(label: "taskcore_rescued_total")
    private let inserted = Counter(label: "taskcore_enqueued_total", dimensions: [("result", "inserted")])
    private let existing = Counter(label: "taskcore_enqueued_total", dimensions: [("result", "existing")])
    private let conflict = Counter(label: "taskcore_enqueued_total", dimensions: [("result", "conflict")])
    private let finishedByStatus = Dictionary(
        uniqueKeysWithValues: TaskStatus.allCases.map {
            ($0, Counter(label: "taskcore_finished_total", dimensions: [("status", $0.rawValue)]))
        }
    )

    init() {
        func each<Metric>(_ make: (Verb) -> Metric) -> [Verb: Metric] {
            Dictionary(uniqueKeysWithValues: Verb.allCases.map { ($0, make($0)) })
        }
        durations = each { Timer(label: "taskcore_store_seconds", dimensions: [("verb", $0.rawValue)]) }
        errors = each { Counter(label: "taskcore_store_errors_total", dimensions: [("verb", $0.rawValue)]) }
    }

    func enqueued(_ results: [EnqueueResult]) {
        var counts = (inserted: 0, existing: 0, conflict: 0)
        for result in results {
            switch result {
            case .inserted: counts.inserted += 1
            case .existing: counts.existing += 1
            case .conflict: counts.conflict += 1
            }
        }
        if counts.inserted > 0 { inserted.increment(by: counts.inserted) }
        if counts.existing > 0 { existing.increment(by: counts.existing) }
        if counts.conflict > 0 { conflict.increment(by: counts.conflict) }
    }

    func finished(_ results: [FinishResult]) {
        for (status, counter) in finishedByStatus {
            let count = results.count { $0 == .accepted(status) }
            if count > 0 { counter.increment(by: count) }
        }
    }
}
