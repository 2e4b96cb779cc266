import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    func enqueue(_ requests: [EnqueueRequest]) throws -> [EnqueueResult] {
        let now = now
        return try requests.map { try enqueue($0, at: now) }
    }

    func enqueue(_ request: EnqueueRequest, at now: Date) throws -> EnqueueResult {
        let task = request.task
        // A plain task needs no look before the insert: the id's index answers.
        if task.idempotency != nil || task.uniqueKey != nil, let held = try holder(of: request, at: now) { return held }
        guard var row = try insert(task, at: now) else {
            guard let existing = try TaskRow.find(db, id: task.id) else {
                throw TaskError(.storeUnavailable, "The SQLite file has an id without its task; check its integrity.")
            }
            return .existing(existing.record)
        }
        if let idempotency = task.idempotency { try remember(idempotency, request, key: row.key, at: now) }
        note(changed: task.id)
        note(.work)
        if let worker = request.claimedBy {
            try renew(worker, for: request.leaseDuration, at: now)
            row.task.claim(by: worker, at: now)
            try save(row, at: now)
        }
        return .inserted(row.record)
    }

    /// Inserts a task; nil when its id is stored already.
    private func insert(_ task: NewTask, at now: Date) throws -> TaskRow? {
        let insert = try statement(SQLText.enqueueTask)
        insert.bind(1, task.id)
        insert.bind(2, task.name)
        insert.bind(3, task.queue)
        insert.bind(4, task.owner)
        insert.bind(5, task.parent)
        insert.bind(6, now)
        insert.bind(7, task.maxAttempts)
        insert.bind(8, try task.metadata.column)
        insert.bind(9, try RequestOptions(task).map { try ColumnJSON.text($0) })
        insert.bind(10, task.input.text)
        try insert.run()
        guard insert.changes == 1 else { return nil }
        let key = insert.lastKey

        let runAt = task.runAt?.normalized ?? now
        let sequence = try nextSequence()
        let state = try statement(SQLText.enqueueState)
        state.bind(1, key)
        state.bind(2, runAt <= now ? StatusColumns.ready : StatusColumns.scheduled)
        state.bind(3, task.queue)
        state.bind(4, task.priority)
        state.bind(5, sequence)
        state.bind(6, task.timeout?.wholeMicroseconds)
        state.bind(7, runAt)
        state.bind(8, now)
        state.bind(9, task.uniqueKey)
        try state.run()

        var request = task
        request.runAt = nil
        let record = TaskRecord(request: request, status: .queued, runAt: runAt, createdAt: now, updatedAt: now)
        return TaskRow(key: key, task: StoredTask(record: record, sequence: sequence))
    }

    /// What keeps a task with keys from being inserted: its id, then its idempotency key, then its unique key.
    private func holder(of request: EnqueueRequest, at now: Date) throws -> EnqueueResult? {
        let task = request.task
        if let existing = try TaskRow.find(db, id: task.id) { return .existing(existing.record) }
        if let idempotency = task.idempotency {
            let find = try statement(SQLText.idempotencyFind)
            find.bind(1, task.owner ?? "")
            find.bind(2, idempotency.key)
            defer { find.reset() }
            if try find.step(), find.optionalDate(2).map({ $0 > now }) ?? true,
                let first = try TaskRow.find(db, key: find.int64(1))
            {
                let isSame = ExactText(find.text(0)) == ExactText(request.fingerprint)
                return isSame ? .existing(first.record) : .conflict(first.record.id)
            }
        }
        return try task.uniqueKey.flatMap { try uniqueHolder($0) }.map { .existing($0.record) }
    }

    /// The active task that holds a unique key.
    func uniqueHolder(_ key: String) throws -> TaskRow? {
        let find = try statement(SQLText.uniqueFind)
        find.bind(1, key)
        defer { find.reset() }
        return try find.step() ? TaskRow.find(db, key: find.int64(0)) : nil
    }

    private func remember(_ idempotency: IdempotencyKey, _ request: EnqueueRequest, key: Int64, at now: Date) throws {
        let put = try statement(SQLText.idempotencyPut)
        put.bind(1, request.task.owner ?? "")
        put.bind(2, idempotency.key)
        put.bind(3, request.fingerprint)
        put.bind(4, key)
        put.bind(5, idempotency.timeToLive.map { now + $0 })
        try put.run()
    }
}
