#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Synchronization

/// Tasks in this process's memory: the reference store, and a real choice for work that need not survive a restart.
///
/// Deterministic: the same calls under the same clock give the same answers.
public final class MemoryTaskStore: Sendable {
    private let state = Mutex(MemoryState())
    private let clock: any TaskClock
    private let board = SignalBoard()

    /// An empty store that takes its time from a clock.
    public init(clock: any TaskClock = SystemTaskClock()) {
        self.clock = clock
    }

    /// Runs one command on the state; the bells ring after the lock is free.
    private func command<Answer: Sendable>(
        _ body: (inout sending MemoryState, Date) throws -> sending Answer
    ) throws -> Answer {
        let (answer, signals) = try state.withLock { state in
            guard !state.isClosed else { throw TaskError(.storeUnavailable, "The in-memory task store is closed.") }
            let answer = try body(&state, clock.now().normalized)
            return (answer, state.takeSignals())
        }
        board.ring(signals)
        return answer
    }

}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// What each method owes is written on the protocol.
extension MemoryTaskStore: TaskStore {
    public func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        try command { state, now in tasks.map { state.enqueue($0, at: now) } }
    }

    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        try command { $0.claim(request, at: $1) }
    }

    public func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        try command { $0.beat(beat, at: $1) }
    }

    public func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        try command { state, now in finishes.map { state.finish($0, at: now) } }
    }

    public func retire(_ worker: WorkerID) async throws {
        try command { $0.retire(worker, at: $1) }
    }

    public func rescue(limit: Int) async throws -> RescueReport {
        try command { $0.rescue(limit: limit, at: $1) }
    }

    public func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try command { $0.cancel(selection, limit: limit, at: $1) }
    }

    public func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try command { $0.retry(selection, changes: changes, limit: limit, at: $1) }
    }

    public func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try command { $0.update(id, changes: changes, expectedVersion: expectedVersion, at: $1) }
    }

    public func setPaused(_ paused: Bool, queue: String) async throws {
        try command { state, _ in state.setPaused(paused, queue: queue) }
    }

    public func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try command { $0.prune(policy, limit: limit, at: $1) }
    }

    public func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try command { state, _ in state.records(ids) }
    }

    public func list(_ query: TaskQuery) async throws -> TaskPage {
        try command { state, _ in state.list(query) }
    }

    public func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try command { $0.statistics(query, at: $1) }
    }

    public func attempts(of id: TaskID) async throws -> [Attempt] {
        try command { state, _ in state.attempts(of: id) }
    }

    public func queues() async throws -> [QueueInfo] {
        try command { $0.queueInfos(at: $1) }
    }

    public func workers() async throws -> [WorkerInfo] {
        try command { state, _ in state.workerInfos() }
    }

    public func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try command { state, _ in state.changes(since: cursor, limit: limit) }
    }

    public func signals(_ kind: SignalKind) -> AsyncStream<Void> {
        board.stream(kind)
    }

    public func migrate() async throws {}

    public func close() async {
        state.withLock { $0.isClosed = true }
        board.finish()
    }
}
