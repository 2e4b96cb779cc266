#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import TaskCore

extension StoreModel {
    package mutating func cancel(_ selection: TaskSelection, limit: Int, at now: Date) -> [CommandResult] {
        command(selection, limit: limit) { model, index in
            let decision = model.apply(.cancel, to: index, at: now)
            return model.outcome(decision, at: index)
        }
    }

    package mutating func retry(
        _ selection: TaskSelection,
        changes: TaskChanges,
        limit: Int,
        at now: Date
    ) -> [CommandResult] {
        command(selection, limit: limit) { model, index in
            let record = model.entries[index].record
            guard record.status == .failed || record.status == .cancelled else { return .refused(record.status) }
            if let key = record.request.uniqueKey, let holder = model.activeHolder(of: key) {
                return .uniqueKeyHeld(by: holder.record.id)
            }
            let decision = model.apply(.retry(runAt: changes.runAt?.normalized), to: index, at: now)
            model.entries[index].edit(changes)
            model.entries[index].sequence = model.nextSequence()
            return model.outcome(decision, at: index)
        }
    }

    package mutating func update(
        _ id: TaskID,
        changes: TaskChanges,
        expectedVersion: Int64?,
        at now: Date
    ) -> CommandResult {
        guard let index = index(of: id) else { return CommandResult(id: id, outcome: .notFound) }
        let command = TaskLifecycle.Command.update(expectedVersion: expectedVersion, runAt: changes.runAt?.normalized)
        let decision = apply(command, to: index, at: now)
        if case .accept = decision { entries[index].edit(changes) }
        return CommandResult(id: id, outcome: outcome(decision, at: index))
    }

    /// For ids, one result each; for a filter, results of what changed, at most `limit`.
    private mutating func command(
        _ selection: TaskSelection,
        limit: Int,
        _ body: (inout StoreModel, Int) -> CommandResult.Outcome
    ) -> [CommandResult] {
        switch selection {
        case .ids(let ids):
            return ids.map { id in
                CommandResult(id: id, outcome: index(of: id).map { body(&self, $0) } ?? .notFound)
            }
        case .matching(let filter):
            var results: [CommandResult] = []
            for index in entries.indices where results.count < limit && filter.matches(entries[index].record) {
                let outcome = body(&self, index)
                guard case .accepted = outcome else { continue }
                results.append(CommandResult(id: entries[index].record.id, outcome: outcome))
            }
            return results
        }
    }

    private func outcome(_ decision: TaskLifecycle.Decision, at index: Int) -> CommandResult.Outcome {
        let record = entries[index].record
        return switch decision {
        case .accept: .accepted(record.status, version: record.version)
        case .unchanged: .unchanged
        case .refuse(.versionConflict): .versionConflict(record.version)
        case .refuse: .refused(record.status)
        }
    }

    package mutating func setPaused(_ isPaused: Bool, queue: String) {
        if isPaused { paused.insert(queue) } else { paused.remove(queue) }
    }

    package mutating func prune(_ policy: PrunePolicy, limit: Int, at now: Date) -> [TaskStatus: Int] {
        let old = entries.map(\.record)
            .filter { record in
                guard let finishedAt = record.finishedAt, let age = policy.maxAge[record.status] else { return false }
                return finishedAt <= now - age
            }
            .sorted { ($0.finishedAt ?? now, $0.id) < ($1.finishedAt ?? now, $1.id) }
            .prefix(max(0, limit))
        let ids = Set(old.map(\.id))
        entries.removeAll { ids.contains($0.record.id) }
        keys.removeAll { ids.contains($0.task) }
        return Dictionary(grouping: old, by: \.status).mapValues(\.count)
    }
}
