import Synchronization
import TaskCore
import TaskTesting

extension Saboteur {
    static let commanding = [
        Saboteur("cancels a finished task without complaint", topic: "cancel", caughtBy: "a finished task refuses") {
            NeverRefusesCancels(base: $0)
        },
        Saboteur("cancels more than the limit", topic: "cancel", caughtBy: "by filter, only what changed") {
            EditsCommands(base: $0, limit: { _ in 1000 })
        },
        Saboteur("answers ids up to the limit only", topic: "cancel", caughtBy: "whatever the limit") {
            CutsAnswers(base: $0)
        },
        Saboteur("forgets the changes of a retry", topic: "retry", caughtBy: "edited as the changes say") {
            EditsCommands(base: $0, changes: { $0 = .none })
        },
        Saboteur("renews no budget by a retry", topic: "retry", caughtBy: "the budget of attempts is new") {
            RenewsNoBudget(base: $0)
        },
        Saboteur("resets the version by a retry", topic: "retry", caughtBy: "versions only grow") {
            ResetsVersions(base: $0)
        },
        Saboteur("does not look at the expected version", topic: "update", caughtBy: "only at that version") {
            IgnoresVersions(base: $0)
        },
        Saboteur("replaces metadata instead of merging it", topic: "update", caughtBy: "edited as the changes say") {
            ReplacesMetadata(base: $0)
        },
        Saboteur("prunes whatever its age", topic: "prune", caughtBy: "by the age of their status") {
            EditsPrunes(base: $0) { policy in policy.maxAge = policy.maxAge.mapValues { _ in .zero } }
        },
        Saboteur("prunes statuses that nobody named", topic: "prune", caughtBy: "kept for ever") {
            EditsPrunes(base: $0) { policy in
                for status in TaskStatus.allCases { policy.maxAge[status] = policy.maxAge[status] ?? .zero }
            }
        },
    ]
}

struct NeverRefusesCancels: StoreWrapper {
    let base: any TaskStore

    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await base.cancel(selection, limit: limit).map { result in
            guard case .refused = result.outcome else { return result }
            return CommandResult(id: result.id, outcome: .unchanged)
        }
    }
}

struct EditsCommands: StoreWrapper {
    let base: any TaskStore
    var limit: @Sendable (Int) -> Int = { $0 }
    var changes: @Sendable (inout TaskChanges) -> Void = { _ in }

    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await base.cancel(selection, limit: self.limit(limit))
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        var changes = changes
        self.changes(&changes)
        return try await base.retry(selection, changes: changes, limit: self.limit(limit))
    }
}

struct CutsAnswers: StoreWrapper {
    let base: any TaskStore

    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        Array(try await base.cancel(selection, limit: limit).prefix(limit))
    }
}

final class RenewsNoBudget: StoreWrapper {
    let base: any TaskStore
    private let used = Mutex<[TaskID: Int]>([:])

    init(base: any TaskStore) { self.base = base }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        if case .ids(let ids) = selection {
            for case let record? in try await base.tasks(ids) { used.withLock { $0[record.id] = record.attempts } }
        }
        return try await base.retry(selection, changes: changes, limit: limit)
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        var reply = try await base.claim(request)
        for index in reply.tasks.indices {
            let id = reply.tasks[index].record.id
            reply.tasks[index].record.attempts += used.withLock { $0[id] ?? 0 }
        }
        return reply
    }
}

struct ResetsVersions: StoreWrapper {
    let base: any TaskStore

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await base.tasks(ids).map { record in
            guard var record, record.status == .queued, record.fence > 0 else { return record }
            record.version = 1
            return record
        }
    }
}

struct IgnoresVersions: StoreWrapper {
    let base: any TaskStore

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try await base.update(id, changes: changes, expectedVersion: nil)
    }
}

final class ReplacesMetadata: StoreWrapper {
    let base: any TaskStore
    private let latest = Mutex<[TaskID: TaskMetadata]>([:])

    init(base: any TaskStore) { self.base = base }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        latest.withLock { $0[id] = changes.metadata }
        return try await base.update(id, changes: changes, expectedVersion: expectedVersion)
    }

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await base.tasks(ids).map { record in
            guard var record, let metadata = latest.withLock({ $0[record.id] }) else { return record }
            record.request.metadata = metadata
            return record
        }
    }
}

struct EditsPrunes: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout PrunePolicy) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout PrunePolicy) -> Void) {
        self.base = base
        self.edit = edit
    }

    func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        var policy = policy
        edit(&policy)
        return try await base.prune(policy, limit: limit)
    }
}
