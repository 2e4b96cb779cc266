import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension EnqueueRequest {
    /// Whether nothing but the id can be there already.
    var isPlain: Bool { claimedBy == nil && task.idempotency == nil && task.uniqueKey == nil }
}

extension Session {
    /// Stores plain tasks, all of which must be new, as one transaction, and tells of it at once where there is a hint to send.
    ///
    /// - Throws: ``PostgresFault`` with SQLSTATE 23505 when an id is there already.
    func enqueueNew(_ tasks: [NewTask], then hint: Command?) throws -> [EnqueueResult] {
        let metadata = try tasks.map { try $0.metadata.column }
        let options = try tasks.map { try $0.optionsColumn }
        let commands = [
            Command(sql.enqueueTask) { parameters in
                parameters.add(tasks.map(\.id))
                parameters.add(tasks.map(\.name))
                parameters.add(tasks.map(\.queue))
                parameters.add(tasks.map(\.owner))
                parameters.add(tasks.map(\.parent))
                parameters.add(tasks.map { Int32($0.maxAttempts) })
                parameters.add(metadata)
                parameters.add(options)
                parameters.add(tasks.map(\.input.text))
            },
            Command(sql.enqueueLive) { parameters in
                parameters.add(tasks.map(\.id))
                parameters.add(tasks.map(\.queue))
                parameters.add(tasks.map { Int32(-$0.priority) })
                parameters.add(tasks.map { $0.runAt?.normalized })
                parameters.add(tasks.map { $0.timeout?.wholeMicroseconds })
            },
            .log(sql, tasks.map(\.id)),
            Command(sql.now),
        ]
        let now = try run(commands, then: hint)[commands.count - 1].date(0, 0)
        return tasks.map { task in
            var request = task
            let runAt = task.runAt?.normalized ?? now
            request.runAt = nil
            return .inserted(
                TaskRecord(request: request, status: .queued, runAt: runAt, createdAt: now, updatedAt: now)
            )
        }
    }

    /// Stores any tasks, one after the other, as one transaction.
    func enqueue(_ requests: [EnqueueRequest]) throws -> Written<[EnqueueResult]> {
        let begun = try run([Command(.begin), Command(sql.now)])
        var loaded = LoadedTasks(now: begun[1].date(0, 0))
        let stored = try store(requests.map(\.task))
        // What the answers say of each task, also of those that were there before.
        let found = try run(Command(sql.taskFind) { $0.add(Array(Set(stored.map(\.task)))) })
        loaded.add(found, areLive: true)
        var signals: Set<SignalKind> = []
        var workers: [Command] = []
        var results: [EnqueueResult] = []
        // Those that are claimed at once are logged with that.
        var queued: [TaskID] = []
        for (request, (outcome, id)) in zip(requests, stored) {
            guard outcome == "inserted" else {
                let existing = loaded[id].map { EnqueueResult.existing($0.record) } ?? .conflict(id)
                results.append(outcome == "conflict" ? .conflict(id) : existing)
                continue
            }
            guard var task = loaded[id] else { throw PostgresFault.disconnected("a task that was just stored is gone") }
            signals.formUnion([.work, .changes])
            if let worker = request.claimedBy {
                task.claim(by: worker, at: loaded.now)
                loaded.change(task, ended: nil)
                workers.append(.renew(sql, worker, for: request.leaseDuration))
            } else {
                queued.append(id)
            }
            results.append(.inserted(task.record))
        }
        let log = queued.isEmpty ? [] : [Command.log(sql, queued)]
        try commit(loaded, with: workers + log)
        return Written(answer: results, signals: signals)
    }

    /// Stores tasks one after the other, within a transaction that was begun, behind what comes first.
    func store(_ tasks: [NewTask], after first: [Command] = []) throws -> [(outcome: String, task: TaskID)] {
        try run(first + tasks.map { try .enqueue(sql, $0) }).dropFirst(first.count).map { ($0.text(0, 0), $0.id(0, 1)) }
    }
}

extension Command {
    static func renew(_ sql: SQLText, _ worker: WorkerID, for duration: Duration) -> Command {
        Command(sql.workerRenew) { parameters in
            parameters.add(worker.rawValue)
            parameters.add(duration.leaseMicroseconds)
        }
    }

    static func enqueue(_ sql: SQLText, _ task: NewTask) throws -> Command {
        let metadata = try task.metadata.column
        let options = try task.optionsColumn
        return Command(sql.enqueueOne) { parameters in
            parameters.add(task.id)
            parameters.add(task.name)
            parameters.add(task.input.text)
            parameters.add(task.queue)
            parameters.add(Int32(task.priority))
            parameters.add(task.runAt?.normalized)
            parameters.add(Int32(task.maxAttempts))
            parameters.add(task.timeout?.wholeMicroseconds)
            parameters.add(metadata)
            parameters.add(task.owner)
            parameters.add(task.parent)
            parameters.add(task.uniqueKey)
            parameters.add(task.idempotency?.key)
            parameters.add(task.idempotency?.timeToLive?.leaseMicroseconds)
            parameters.add(options)
        }
    }
}

extension NewTask {
    /// The column's text; NULL when the task has none of these parts.
    var optionsColumn: String? {
        get throws { try RequestOptions(self).map { try ColumnJSON.text($0) } }
    }
}

extension Duration {
    /// Whole microseconds, at most a hundred years: dates later than PostgreSQL's are refused by it.
    var leaseMicroseconds: Int64 { min(wholeMicroseconds, 100 * 366 * 86_400_000_000) }
}
