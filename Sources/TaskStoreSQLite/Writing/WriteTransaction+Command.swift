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
            let applied = row.task.cancel(at: now)
            if applied.isAccepted {
                if row.record.status == .running { transaction.note(.cancellations) }
                try transaction.save(row, ended: applied.ended, at: now)
            }
            return applied.outcome(row.record)
        }
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) throws -> [CommandResult] {
        let now = now
        return try each(selection, limit: limit, statuses: [.failed, .cancelled]) { transaction, record in
            try record.request.uniqueKey.flatMap { try transaction.uniqueHolder($0) } == nil
        } command: { transaction, row in
            var task = row.task
            let applied = task.retry(changes, sequence: try transaction.nextSequence(), at: now)
            guard applied.isAccepted else { return applied.outcome(row.record) }
            if let key = task.record.request.uniqueKey, let holder = try transaction.uniqueHolder(key) {
                return .uniqueKeyHeld(by: holder.record.id)
            }
            row.task = task
            try transaction.save(row, edited: changes, at: now)
            return applied.outcome(row.record)
        }
    }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) throws -> CommandResult {
        let now = now
        guard var row = try TaskRow.find(db, id: id) else { return CommandResult(id: id, outcome: .notFound) }
        let applied = row.task.update(changes, expectedVersion: expectedVersion, at: now)
        if applied.isAccepted { try save(row, edited: changes, at: now) }
        return CommandResult(id: id, outcome: applied.outcome(row.record))
    }

    func setPaused(_ paused: Bool, queue: String) throws {
        let change = try statement(paused ? SQLText.queuePause : SQLText.queueResume)
        change.bind(1, queue)
        try change.run()
        if !paused { note(.work) }
    }

    /// Writes a row that was edited: its request only where a part of it was.
    private func save(_ row: TaskRow, edited changes: TaskChanges, at now: Date) throws {
        if changes.input != nil || changes.maxAttempts != nil || !changes.metadata.isEmpty { try saveRequest(row) }
        try save(row, at: now)
    }

    /// Runs a command over a selection, as the contract says what is answered.
    private func each(
        _ selection: TaskSelection,
        limit: Int,
        statuses: Set<TaskStatus>,
        where isChangeable: (WriteTransaction, TaskRecord) throws -> Bool,
        command: (WriteTransaction, inout TaskRow) throws -> CommandResult.Outcome
    ) throws -> [CommandResult] {
        switch selection {
        case .ids(let ids):
            return try ids.map { id in
                guard var row = try TaskRow.find(db, id: id) else {
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
                    guard var row = try TaskRow.find(db, key: place.key), filter.matches(row.record),
                        try isChangeable(self, row.record)
                    else { continue }
                    results.append(CommandResult(id: row.record.id, outcome: try command(self, &row)))
                }
            }
            return results
        }
    }
}
