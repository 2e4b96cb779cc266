import Synchronization
public import TaskCore

/// A store that fails on demand: before doing anything, or after doing it, so that only the reply is lost.
///
/// It wraps any store and passes on what is not to fail. With it a test shows that a caller repeats what is harmless to repeat,
/// and gives up what is not.
///
/// ```swift
/// let store = FaultyTaskStore(MemoryTaskStore())
/// store.script(.finish, [.replyLost, nil])  // the first finish commits and throws, the second passes
/// ```
public final class FaultyTaskStore: Sendable {
    /// How a call fails.
    public enum Fault: Hashable, Sendable, CaseIterable {
        /// It throws and does nothing.
        case refused
        /// It does its work and then throws.
        case replyLost
    }

    /// How often a verb was called and how those calls ended.
    public struct Counts: Hashable, Sendable {
        /// All calls.
        public var calls = 0
        /// Calls that were refused.
        public var refused = 0
        /// Calls that did their work and lost their reply.
        public var repliesLost = 0
        /// Calls that were passed on with their reply.
        public var passed: Int { calls - refused - repliesLost }
    }

    fileprivate struct State {
        var scripts: [StoreVerb: [Fault?]] = [:]
        var chances: [StoreVerb: [Fault: Double]] = [:]
        var counts: [StoreVerb: Counts] = [:]
        var random: SplitMix64
    }

    private let base: any TaskStore
    private let state: Mutex<State>

    /// Wraps a store; it fails only when told to. Equal seeds make equal choices, as long as calls come in the same order.
    public init(_ base: any TaskStore, seed: UInt64 = 1) {
        self.base = base
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    /// Says how the next calls of a verb end, one after the other; nil lets one pass. A script comes before any chance.
    public func script(_ verb: StoreVerb, _ faults: [Fault?]) {
        state.withLock { $0.scripts[verb, default: []] += faults }
    }

    /// Makes calls of some verbs fail by chance from now on; all verbs unless said otherwise.
    ///
    /// - Parameters:
    ///   - fault: How they fail.
    ///   - probability: How likely each call fails so, 0…1.
    ///   - verbs: Calls of which methods.
    public func fail(_ fault: Fault, probability: Double, of verbs: Set<StoreVerb> = Set(StoreVerb.allCases)) {
        state.withLock { state in
            for verb in verbs { state.chances[verb, default: [:]][fault] = probability }
        }
    }

    /// Lets everything pass again: forgets scripts and chances, keeps the counts.
    public func heal() {
        state.withLock { state in
            state.scripts = [:]
            state.chances = [:]
        }
    }

    /// How often a verb was called since the store was wrapped.
    public func counts(_ verb: StoreVerb) -> Counts { state.withLock { $0.counts[verb] ?? Counts() } }

    private func nextFault(_ verb: StoreVerb) -> Fault? {
        state.withLock { state in
            let fault = state.nextFault(verb)
            state.counts[verb, default: Counts()].calls += 1
            switch fault {
            case .refused: state.counts[verb, default: Counts()].refused += 1
            case .replyLost: state.counts[verb, default: Counts()].repliesLost += 1
            case nil: break
            }
            return fault
        }
    }

    private func call<Answer>(_ verb: StoreVerb, _ body: () async throws -> Answer) async throws -> Answer {
        switch nextFault(verb) {
        case .refused:
            throw TaskError(.storeUnavailable, "FaultyTaskStore refused '\(verb)', as it was told to.")
        case .replyLost:
            _ = try await body()
            throw TaskError(.storeUnavailable, "FaultyTaskStore lost the reply of '\(verb)', as it was told to.")
        case nil:
            return try await body()
        }
    }
}

extension FaultyTaskStore.State {
    fileprivate mutating func nextFault(_ verb: StoreVerb) -> FaultyTaskStore.Fault? {
        if let next = scripts[verb]?.first {
            scripts[verb]?.removeFirst()
            return next
        }
        for fault in FaultyTaskStore.Fault.allCases {
            guard let chance = chances[verb]?[fault], chance > 0 else { continue }
            if Double.random(in: 0..<1, using: &random) < chance { return fault }
        }
        return nil
    }
}

/// The methods of `TaskStore` that can throw.
public enum StoreVerb: String, Hashable, Sendable, CaseIterable {
    // Named as the methods are; nothing to add.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case enqueue, claim, beat, finish, retire, rescue, cancel, retry, update, setPaused, prune
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    case tasks, list, statistics, attempts, queues, workers, changes, migrate
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// What each method owes is written on the protocol.
extension FaultyTaskStore: TaskStore {
    public func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        try await call(.enqueue) { try await base.enqueue(tasks) }
    }

    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        try await call(.claim) { try await base.claim(request) }
    }

    public func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        try await call(.beat) { try await base.beat(beat) }
    }

    public func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        try await call(.finish) { try await base.finish(finishes) }
    }

    public func retire(_ worker: WorkerID) async throws {
        try await call(.retire) { try await base.retire(worker) }
    }

    public func rescue(limit: Int) async throws -> RescueReport {
        try await call(.rescue) { try await base.rescue(limit: limit) }
    }

    public func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await call(.cancel) { try await base.cancel(selection, limit: limit) }
    }

    public func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try await call(.retry) { try await base.retry(selection, changes: changes, limit: limit) }
    }

    public func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try await call(.update) { try await base.update(id, changes: changes, expectedVersion: expectedVersion) }
    }

    public func setPaused(_ paused: Bool, queue: String) async throws {
        try await call(.setPaused) { try await base.setPaused(paused, queue: queue) }
    }

    public func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try await call(.prune) { try await base.prune(policy, limit: limit) }
    }

    public func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await call(.tasks) { try await base.tasks(ids) }
    }

    public func list(_ query: TaskQuery) async throws -> TaskPage {
        try await call(.list) { try await base.list(query) }
    }

    public func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try await call(.statistics) { try await base.statistics(query) }
    }

    public func attempts(of id: TaskID) async throws -> [Attempt] {
        try await call(.attempts) { try await base.attempts(of: id) }
    }

    public func queues() async throws -> [QueueInfo] { try await call(.queues) { try await base.queues() } }

    public func workers() async throws -> [WorkerInfo] { try await call(.workers) { try await base.workers() } }

    public func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try await call(.changes) { try await base.changes(since: cursor, limit: limit) }
    }

    public func migrate() async throws { try await call(.migrate) { try await base.migrate() } }

    /// Passed on: hints never fail, they are only lost.
    public func signals(_ kind: SignalKind) -> AsyncStream<Void> { base.signals(kind) }

    /// Passed on: closing never fails.
    public func close() async { await base.close() }
}
