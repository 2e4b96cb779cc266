import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    func finish(_ finishes: [Finish]) throws -> [FinishResult] {
        let now = now
        return try finishes.map { finish in
            if case .done(let result, let followUps) = finish.outcome, followUps.isEmpty,
                finish.report?.isEmpty ?? true
            {
                return try complete(finish.lease, result: result, at: now)
            }
            return try self.finish(finish, at: now)
        }
    }

    /// A plain success: what ``TaskLifecycle`` decides about `complete`, as one statement with the fence in its condition.
    private func complete(_ lease: Lease, result: JSONText, at now: Date) throws -> FinishResult {
        let update = try statement(SQLText.finishDone)
        update.bind(1, lease.task)
        update.bind(2, lease.fence)
        update.bind(3, lease.worker.rawValue)
        update.bind(4, result.text)
        update.bind(5, now)
        try update.run()
        guard update.changes == 1 else { return .stale }
        note(changed: lease.task)
        return .accepted(.done)
    }

    private func finish(_ finish: Finish, at now: Date) throws -> FinishResult {
        guard var row = try TaskRow.find(db, id: finish.lease.task), row.task.isRunning(finish.lease) else {
            return .stale
        }
        let end = row.task.finish(finish, at: now)
        if finish.report?.metadata.isEmpty == false { try saveRequest(row) }
        try save(row, ended: end.ended, at: now)
        for followUp in end.followUps { _ = try enqueue(EnqueueRequest(followUp), at: now) }
        return .accepted(row.record.status)
    }
}
