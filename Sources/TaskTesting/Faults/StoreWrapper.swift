package import TaskCore

/// A store that passes everything on to another, but for the methods that a conforming type writes itself.
package protocol StoreWrapper: TaskStore {
    var base: any TaskStore { get }
}

extension StoreWrapper {
    package func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] { try await base.enqueue(tasks) }
    package func claim(_ request: ClaimRequest) async throws -> ClaimReply { try await base.claim(request) }
    package func beat(_ beat: WorkerBeat) async throws -> BeatReply { try await base.beat(beat) }
    package func finish(_ finishes: [Finish]) async throws -> [FinishResult] { try await base.finish(finishes) }
    package func retire(_ worker: WorkerID) async throws { try await base.retire(worker) }
    package func rescue(limit: Int) async throws -> RescueReport { try await base.rescue(limit: limit) }

    package func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await base.cancel(selection, limit: limit)
    }
    package func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try await base.retry(selection, changes: changes, limit: limit)
    }
    package func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try await base.update(id, changes: changes, expectedVersion: expectedVersion)
    }
    package func setPaused(_ paused: Bool, queue: String) async throws {
        try await base.setPaused(paused, queue: queue)
    }
    package func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try await base.prune(policy, limit: limit)
    }

    package func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] { try await base.tasks(ids) }
    package func list(_ query: TaskQuery) async throws -> TaskPage { try await base.list(query) }
    package func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try await base.statistics(query)
    }
    package func attempts(of id: TaskID) async throws -> [Attempt] { try await base.attempts(of: id) }
    package func queues() async throws -> [QueueInfo] { try await base.queues() }
    package func workers() async throws -> [WorkerInfo] { try await base.workers() }
    package func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try await base.changes(since: cursor, limit: limit)
    }

    package func signals(_ kind: SignalKind) -> AsyncStream<Void> { base.signals(kind) }
    package func migrate() async throws { try await base.migrate() }
    package func close() async { await base.close() }
}
