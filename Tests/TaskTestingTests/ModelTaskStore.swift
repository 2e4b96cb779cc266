import Synchronization
import TaskCore
import TaskTesting

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The model behind a lock: the slowest store there is, and a second correct one to try the kit on.
final class ModelTaskStore: TaskStore {
    private struct State {
        var model = StoreModel()
        var isClosed = false
    }

    private let clock: any TaskClock
    private let state = Mutex(State())
    private let board = SignalBoard()

    init(clock: any TaskClock) { self.clock = clock }

    private func ask<Answer: Sendable>(
        _ signals: Set<SignalKind> = [],
        _ body: (inout StoreModel, Date) -> Answer
    ) throws -> Answer {
        let answer = try state.withLock { state in
            guard !state.isClosed else { throw TaskError(.storeUnavailable, "The store is closed.") }
            return body(&state.model, clock.now())
        }
        board.ring(signals)
        return answer
    }

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        try ask([.work, .changes]) { $0.enqueue(tasks, at: $1) }
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply { try ask([.changes]) { $0.claim(request, at: $1) } }

    func beat(_ beat: WorkerBeat) async throws -> BeatReply { try ask([.changes]) { $0.beat(beat, at: $1) } }

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        try ask([.work, .changes]) { $0.finish(finishes, at: $1) }
    }

    func retire(_ worker: WorkerID) async throws { try ask([.work, .changes]) { $0.retire(worker, at: $1) } }

    func rescue(limit: Int) async throws -> RescueReport {
        try ask([.work, .changes]) { $0.rescue(limit: limit, at: $1) }
    }

    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try ask([.cancellations, .changes]) { $0.cancel(selection, limit: limit, at: $1) }
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try ask([.work, .changes]) { $0.retry(selection, changes: changes, limit: limit, at: $1) }
    }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try ask([.work, .changes]) { $0.update(id, changes: changes, expectedVersion: expectedVersion, at: $1) }
    }

    func setPaused(_ paused: Bool, queue: String) async throws {
        try ask([.work]) { model, _ in model.setPaused(paused, queue: queue) }
    }

    func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try ask { $0.prune(policy, limit: limit, at: $1) }
    }

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try ask { model, _ in ids.map { model.record($0) } }
    }

    func list(_ query: TaskQuery) async throws -> TaskPage { try ask { model, _ in model.list(query) } }

    func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try ask { $0.statistics(query, at: $1) }
    }

    func attempts(of id: TaskID) async throws -> [Attempt] { try ask { model, _ in model.attempts(of: id) } }

    func queues() async throws -> [QueueInfo] { try ask { $0.queues(at: $1) } }

    func workers() async throws -> [WorkerInfo] { try ask { model, _ in model.workerInfos() } }

    func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try ask { model, _ in model.changes(since: cursor, limit: limit) }
    }

    func signals(_ kind: SignalKind) -> AsyncStream<Void> { board.stream(kind) }

    func migrate() async throws {}

    func close() async {
        state.withLock { $0.isClosed = true }
        board.finish()
    }
}
