import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    func cancel(_ selection: TaskSelection, limit: Int) throws -> [CommandResult] {
        let now = now
        return try each(selection, limit: limit, statuses: [.queued, .running]) { _, record in
            record.cancelRequestedAt == nil || record.status == .queued
        } command: { transaction, row in
            let decision = try transaction.apply(.cancel, to: &row, at: now) { record in
                guard record.status == .running else { return }
                record.cancelRequestedAt = now
                transaction.note(.cancellations)
            }
            return decision.outcome(row.record)
        }
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) throws -> [CommandResult] {
        let now = now
        let command = TaskLifecycle.Command.retry(runAt: changes.runAt?.normalized)
        return try each(selection, limit: limit, statuses: [.failed, .cancelled]) { transaction, record in
            try record.request.uniqueKey.flatMap { try transaction.uniqueHolder($0) } == nil
        } command: { transaction, row in
            guard case .accept = TaskLifecycle.decide(command, in: row.life, at: now) else {
                return .refused(row.record.status)
            }
            if let key = row.record.request.uniqueKey, let holder = try transaction.uniqueHolder(key) {
                return .uniqueKeyHeld(by: holder.record.id)
            }
            row.sequence = try transaction.nextSequence()
            try transaction.edit(&row, changes)
            let decision = try transaction.apply(command, to: &row, at: now) { record in
                record.finishedAt = nil
                record.cancelRequestedAt = nil
            }
            return decision.outcome(row.record)
        }
    }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) throws -> CommandResult {
        let now = now
        guard var row = try StoredTask.find(db, id: id) else { return CommandResult(id: id, outcome: .notFound) }
        let command = TaskLifecycle.Command.update(expectedVersion: expectedVersion, runAt: changes.runAt?.normalized)
        if case .accept = TaskLifecycle.decide(command, in: row.life, at: now) { try edit(&row, changes) }
        return CommandResult(id: id, outcome: try apply(command, to: &row, at: now).outcome(row.record))
    }

    func setPaused(_ paused: Bool, queue: String) throws {
        let change = try statement(paused ? SQLText.queuePause : SQLText.queueResume)
        change.bind(1, queue)
        try change.run()
        if !paused { note(.work) }
    }

    /// Edits a row's request; its state is written by the command that allows the edit.
    private func edit(_ row: inout StoredTask, _ changes: TaskChanges) throws {
        row.record.request.apply(changes)
        if changes.input != nil || changes.maxAttempts != nil || !changes.metadata.isEmpty { try saveRequest(row) }
    }

    /// Runs a command over a selection, as the contract says what is answered.
    private func each(
        _ selection: TaskSelection,
        limit: Int,
        statuses: Set<TaskStatus>,
        where isChangeable: (WriteTransaction, TaskRecord) throws -> Bool,
        command: (WriteTransaction, inout StoredTask) throws -> CommandResult.Outcome
    ) throws -> [CommandResult] {
        switch selection {
        case .ids(let ids):
            return try ids.map { id in
                guard var row = try StoredTask.find(db, id: id) else {
                    return CommandResult(id: id, outcome: .notFound)
                }
                return CommandResult(id: id, outcome: try command(self, &row))
            }
        case .matching(var filter):
            filter.statuses = filter.statuses.map { $0.intersection(statuses) } ?? statuses
            var results: [CommandResult] = []
            var search = TaskSearch(filter, order: .oldestFirst)
            while results.count < limit, let places = try search.next(db, atMost: 500), !places.isEmpty {
                for place in places where results.count < limit {
                    guard var row = try StoredTask.find(db, key: place.key), filter.matches(row.record),
                        try isChangeable(self, row.record)
                    else { continue }
                    results.append(CommandResult(id: row.record.id, outcome: try command(self, &row)))
                }
            }
            return results
        }
    }
}

extension TaskLifecycle.Decision {
    /// The decision as what a command answers about a record, which has the state decided on already.
    fileprivate func outcome(_ record: TaskRecord) -> CommandResult.Outcome {
        switch self {
        case .accept(let state, _): .accepted(state.status, version: state.version)
        case .unchanged: .unchanged
        case .refuse(.versionConflict): .versionConflict(record.version)
        case .refuse: .refused(record.status)
        }
    }
}

extension NewTask {
    /// Edits what a command may edit, but for `runAt`, which is the record's.
    fileprivate mutating func apply(_ changes: TaskChanges) {
        if let input = changes.input { self.input = input }
        if let priority = changes.priority { self.priority = priority }
        if let maxAttempts = changes.maxAttempts { self.maxAttempts = maxAttempts }
        metadata.merge(changes.metadata)
    }
}
