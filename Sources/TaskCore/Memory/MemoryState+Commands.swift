#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Commanding: cancel, retry, update, pause, prune.
extension MemoryState {
    mutating func cancel(_ selection: TaskSelection, limit: Int, at now: Date) -> [CommandResult] {
        each(selection, limit: limit) { _, record in
            record.status == .queued || (record.status == .running && record.cancelRequestedAt == nil)
        } command: { state, row in
            let wasRunning = row.record.status == .running
            let decision = state.apply(.cancel, to: row, at: now)
            if wasRunning, case .accept = decision {
                row.record.cancelRequestedAt = now
                state.cancellationRequested()
            }
            return decision.outcome(row.record)
        }
    }

    mutating func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int, at now: Date) -> [CommandResult] {
        let command = TaskLifecycle.Command.retry(runAt: changes.runAt?.normalized)
        return each(selection, limit: limit) { state, record in
            (record.status == .failed || record.status == .cancelled)
                && record.uniqueKey.map { state.uniqueKeys[ExactText($0)] == nil } ?? true
        } command: { state, row in
            guard case .accept = TaskLifecycle.decide(command, in: row.life, at: now) else {
                return .refused(row.record.status)
            }
            if let key = row.record.uniqueKey.map(ExactText.init) {
                if let holder = state.uniqueKeys[key] { return .uniqueKeyHeld(by: holder.record.id) }
                state.uniqueKeys[key] = row
            }
            row.sequence = state.nextSequence()
            row.record.request.apply(changes)
            row.record.finishedAt = nil
            row.record.cancelRequestedAt = nil
            return state.apply(command, to: row, at: now).outcome(row.record)
        }
    }

    mutating func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?, at now: Date) -> CommandResult {
        guard let row = rows[id] else { return CommandResult(id: id, outcome: .notFound) }
        let command = TaskLifecycle.Command.update(expectedVersion: expectedVersion, runAt: changes.runAt?.normalized)
        if case .accept = TaskLifecycle.decide(command, in: row.life, at: now) { row.record.request.apply(changes) }
        return CommandResult(id: id, outcome: apply(command, to: row, at: now).outcome(row.record))
    }

    mutating func setPaused(_ paused: Bool, queue: String) {
        self.queue(queue).isPaused = paused
        if !paused { workMayBeReady() }
    }

    mutating func prune(_ policy: PrunePolicy, limit: Int, at now: Date) -> [TaskStatus: Int] {
        let old = timeline.rows
            .filter { row in
                guard !row.isDeleted, let finishedAt = row.record.finishedAt, row.record.isFinished,
                    let age = policy.maxAge[row.record.status]
                else { return false }
                return finishedAt <= now - age
            }
            .sorted { ($0.record.finishedAt ?? now, $0.record.id) < ($1.record.finishedAt ?? now, $1.record.id) }
        var counts: [TaskStatus: Int] = [:]
        for row in old.prefix(max(0, limit)) {
            counts[row.record.status, default: 0] += 1
            delete(row)
        }
        return counts
    }

    private mutating func delete(_ row: MemoryRow) {
        rows[row.record.id] = nil
        row.isDeleted = true
        timeline.noteDeleted()
        if let idempotency = row.record.request.idempotency {
            let scope = IdempotencyScope(owner: row.record.owner, key: idempotency.key)
            if keys[scope]?.task == row.record.id { keys[scope] = nil }
        }
    }

    /// Runs a command over a selection, as the contract says what is answered.
    private mutating func each(
        _ selection: TaskSelection,
        limit: Int,
        where isChangeable: (MemoryState, TaskRecord) -> Bool,
        command: (inout MemoryState, MemoryRow) -> CommandResult.Outcome
    ) -> [CommandResult] {
        switch selection {
        case .ids(let ids):
            return ids.map { id in
                guard let row = rows[id] else { return CommandResult(id: id, outcome: .notFound) }
                return CommandResult(id: id, outcome: command(&self, row))
            }
        case .matching(let filter):
            var results: [CommandResult] = []
            for row in timeline.rows
            where !row.isDeleted && filter.matches(row.record) && isChangeable(self, row.record) {
                guard results.count < limit else { break }
                results.append(CommandResult(id: row.record.id, outcome: command(&self, row)))
            }
            return results
        }
    }
}

extension TaskLifecycle.Decision {
    /// The decision as what a command answers about a record, which has the state decided on already.
    func outcome(_ record: TaskRecord) -> CommandResult.Outcome {
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
    mutating func apply(_ changes: TaskChanges) {
        if let input = changes.input { self.input = input }
        if let priority = changes.priority { self.priority = priority }
        if let maxAttempts = changes.maxAttempts { self.maxAttempts = maxAttempts }
        metadata.merge(changes.metadata)
    }
}
