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
        guard var row = try StoredTask.find(db, id: finish.lease.task), row.isRunning(finish.lease) else {
            return .stale
        }
        if let report = finish.report, !report.isEmpty { try write(report, to: &row, at: now) }
        let fence = finish.lease.fence
        switch finish.outcome {
        case .done(let result, let followUps):
            row.record.result = result
            row.record.error = nil
            row.checkpoint = nil
            _ = try apply(.complete(fence: fence), to: &row, at: now)
            for followUp in followUps {
                _ = try enqueue(EnqueueRequest(followUp.following(row.record.request)), at: now)
            }
        case .failed(let failure, let retryAfter):
            _ = try apply(.fail(fence: fence, retryAfter: retryAfter), to: &row, failure: failure, at: now)
        case .timedOut(let failure, let retryAfter):
            _ = try apply(.timeOut(fence: fence, retryAfter: retryAfter), to: &row, failure: failure, at: now)
        case .cancelled:
            _ = try apply(.acknowledgeCancel(fence: fence), to: &row, at: now)
        case .snoozed(let delay):
            _ = try apply(.snooze(fence: fence, for: delay), to: &row, at: now)
        case .released:
            _ = try apply(.release(fence: fence), to: &row, at: now)
        }
        return .accepted(row.record.status)
    }

    /// Writes a report to the row of its running attempt.
    func write(_ report: TaskReport, to row: inout StoredTask, at now: Date) throws {
        if let progress = report.progress { row.record.progress = row.record.progress.advanced(to: progress) }
        if let checkpoint = report.checkpoint { row.checkpoint = checkpoint }
        if !report.metadata.isEmpty {
            row.record.request.metadata.merge(report.metadata)
            try saveRequest(row)
        }
        _ = try apply(.report(fence: report.lease.fence), to: &row, at: now)
    }
}
