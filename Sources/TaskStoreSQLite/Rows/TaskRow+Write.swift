import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    /// Writes where a task stands.
    func saveState(_ row: TaskRow, at now: Date) throws {
        let record = row.record
        let update = try statement(SQLText.updateState)
        update.bind(1, row.key)
        update.bind(2, StatusColumns.finished(record.status))
        update.bind(3, StatusColumns.stage(record.status, runAt: record.runAt, now: now))
        update.bind(4, record.priority)
        update.bind(5, row.task.sequence)
        update.bind(6, record.runAt)
        update.bind(7, record.updatedAt)
        update.bind(8, record.attempts)
        update.bind(9, record.lostAttempts)
        update.bind(10, record.fence)
        update.bind(11, record.version)
        update.bind(12, record.startedAt)
        update.bind(13, record.finishedAt)
        update.bind(14, record.cancelRequestedAt)
        update.bind(15, row.task.deadline)
        update.bind(16, record.worker?.rawValue)
        update.bind(17, record.status.isActive ? record.request.uniqueKey : nil)
        update.bind(18, record.progress == .none ? nil : try ColumnJSON.text(record.progress))
        update.bind(19, row.task.checkpoint?.text)
        update.bind(20, try record.error.map { try ColumnJSON.text($0) })
        update.bind(21, record.result?.text)
        try update.run()
    }

    /// Writes what of a request can be edited, but for the priority, which is part of the state.
    func saveRequest(_ row: TaskRow) throws {
        let request = row.record.request
        let update = try statement(SQLText.updateRequest)
        update.bind(1, row.key)
        update.bind(2, request.maxAttempts)
        update.bind(3, try request.metadata.column)
        update.bind(4, request.input.text)
        try update.run()
    }

    /// Adds an attempt that is over to a task's history.
    func saveAttempt(_ attempt: Attempt, of key: Int64) throws {
        let insert = try statement(SQLText.attemptInsert)
        insert.bind(1, key)
        insert.bind(2, attempt.fence)
        insert.bind(3, attempt.number)
        insert.bind(4, attempt.worker.rawValue)
        insert.bind(5, attempt.startedAt)
        insert.bind(6, attempt.finishedAt ?? attempt.startedAt)
        insert.bind(7, attempt.outcome?.rawValue ?? Attempt.Outcome.failed.rawValue)
        insert.bind(8, try attempt.failure.map { try ColumnJSON.text($0) })
        try insert.run()
    }

    /// Writes a row whose task a command changed, with what follows from it.
    ///
    /// - Parameter attempt: The one that the command ended, for the history.
    func save(_ row: TaskRow, ended attempt: Attempt? = nil, at now: Date) throws {
        if let attempt { try saveAttempt(attempt, of: row.key) }
        if row.record.status == .queued { note(.work) }
        note(changed: row.record.id)
        try saveState(row, at: now)
    }
}
