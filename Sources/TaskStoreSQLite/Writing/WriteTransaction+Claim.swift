import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    /// How many tasks that became due are moved to where claims look, in one transaction: a million at once must not keep a beat waiting.
    private static let promotionLimit = 20_000

    /// Claims; nil when so many tasks became due that more than one transaction is needed to find the first: the caller tries again.
    func claim(_ request: ClaimRequest) throws -> ClaimReply? {
        let now = now
        let queues = try request.queues.filter { try !isPaused($0.queue) }
        for wanted in queues where try promote(wanted.queue, at: now) == Self.promotionLimit { return nil }

        try renew(request.worker, for: request.leaseDuration, at: now)
        var tasks: [ClaimedTask] = []
        var nextRunAt: Date?
        for wanted in queues {
            tasks += try claim(wanted, by: request.worker, at: now)
            if let next = try self.nextRunAt(wanted.queue) { nextRunAt = min(nextRunAt ?? next, next) }
        }
        return ClaimReply(tasks: tasks, nextRunAt: nextRunAt)
    }

    /// What ``TaskLifecycle`` decides about a claim, as SQL over the whole batch.
    private func claim(_ wanted: ClaimRequest.QueueLimit, by worker: WorkerID, at now: Date) throws -> [ClaimedTask] {
        guard wanted.limit > 0 else { return [] }
        let find = try statement(SQLText.claimFind)
        find.bind(1, wanted.queue)
        find.bind(2, now)
        find.bind(3, wanted.limit)
        var reader = RecordReader()
        var tasks: [ClaimedTask] = []
        do {
            while try find.step() { tasks.append(try reader.claimed(find, by: worker, at: now)) }
        } catch {
            find.reset()
            throw error
        }
        guard !tasks.isEmpty else { return [] }

        let take = try statement(SQLText.claimTake)
        take.bind(1, wanted.queue)
        take.bind(2, now)
        take.bind(3, wanted.limit)
        take.bind(4, worker.rawValue)
        take.bind(5, TaskLifecycle.deadlineGrace.wholeMicroseconds)
        try take.run()
        guard take.changes == tasks.count else {
            throw TaskError(
                .storeUnavailable,
                "The SQLite file answered one question in two ways; check its integrity."
            )
        }
        for task in tasks { note(changed: task.record.id) }
        return tasks
    }

    func renew(_ worker: WorkerID, for duration: Duration, at now: Date) throws {
        let renew = try statement(SQLText.workerRenew)
        renew.bind(1, worker.rawValue)
        renew.bind(2, now + duration)
        try renew.run()
    }

    private func isPaused(_ queue: String) throws -> Bool {
        let find = try statement(SQLText.queueIsPaused)
        find.bind(1, queue)
        defer { find.reset() }
        return try find.step()
    }

    private func promote(_ queue: String, at now: Date) throws -> Int {
        // A look before the update: an update opens the table for writing even when it finds nothing.
        guard let next = try nextRunAt(queue), next <= now else { return 0 }
        let promote = try statement(SQLText.claimPromote)
        promote.bind(1, queue)
        promote.bind(2, now)
        promote.bind(3, Self.promotionLimit)
        try promote.run()
        return promote.changes
    }

    private func nextRunAt(_ queue: String) throws -> Date? {
        let find = try statement(SQLText.claimNext)
        find.bind(1, queue)
        defer { find.reset() }
        return try find.step() ? find.optionalDate(0) : nil
    }
}
