#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension WorkerID {
    static let a = WorkerID(rawValue: "worker-a")
    static let b = WorkerID(rawValue: "worker-b")
    static let c = WorkerID(rawValue: "worker-c")
}

extension TaskFailure {
    static let boom = TaskFailure(code: "boom", message: "It broke.", isRetryable: true)
}

extension NewTask {
    /// A task that asks for nothing special.
    static var plain: NewTask { NewTask(name: "plain") }
}

/// Steps that must succeed, so that a check can get to its point.
extension StoreProbe {
    /// Stores a task that must be new.
    @discardableResult
    func add(
        _ task: NewTask = .plain,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> TaskRecord {
        let results = try await enqueue(task)
        guard case .inserted(let record)? = results.first, results.count == 1 else {
            throw failure("enqueueing a new task", expected: "inserted", seen: results, fileID: fileID, line: line)
        }
        return record
    }

    /// Stores tasks that must be new, in one batch.
    @discardableResult
    func add(
        _ count: Int,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ make: (Int) -> NewTask = { _ in .plain }
    ) async throws -> [TaskRecord] {
        let results = try await store.enqueue((0..<count).map { EnqueueRequest(make($0)) })
        let records = results.compactMap { result -> TaskRecord? in
            guard case .inserted(let record) = result else { return nil }
            return record
        }
        guard records.count == count, results.count == count else {
            throw failure(
                "enqueueing a batch",
                expected: "\(count) inserted",
                seen: results,
                fileID: fileID,
                line: line
            )
        }
        return records
    }

    func enqueue(_ tasks: NewTask...) async throws -> [EnqueueResult] {
        try await store.enqueue(tasks.map { EnqueueRequest($0) })
    }

    func claim(
        by worker: WorkerID = .a,
        limit: Int = 1000,
        from queues: [String] = ["default"],
        lease: Duration = .seconds(20)
    ) async throws -> [ClaimedTask] {
        let limits = queues.map { ClaimRequest.QueueLimit($0, limit: limit) }
        return try await store.claim(ClaimRequest(worker: worker, queues: limits, leaseDuration: lease)).tasks
    }

    /// What a claim that wants one task of each queue says about those to come.
    func nextRunAt(of queues: [String]) async throws -> Date? {
        let limits = queues.map { ClaimRequest.QueueLimit($0, limit: 1) }
        let reply = try await store.claim(ClaimRequest(worker: .a, queues: limits))
        return reply.nextRunAt
    }

    /// Stores a task and has a worker claim it; no other task of its queue may be ready.
    func start(
        _ task: NewTask = .plain,
        by worker: WorkerID = .a,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> ClaimedTask {
        let record = try await add(task, fileID: fileID, line: line)
        return try await claimAgain(record.id, by: worker, from: task.queue, fileID: fileID, line: line)
    }

    /// Claims a queued task; no other task of its queue may be ready.
    func claimAgain(
        _ id: TaskID,
        by worker: WorkerID = .a,
        from queue: String = "default",
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> ClaimedTask {
        let claimed = try await claim(by: worker, limit: 1, from: [queue])
        guard let task = claimed.first, task.record.id == id else {
            throw failure("claiming", expected: "task \(id)", seen: claimed, fileID: fileID, line: line)
        }
        return task
    }

    func finish(_ lease: Lease, _ outcome: Finish.Outcome, report: TaskReport? = nil) async throws -> FinishResult {
        let results = try await store.finish([Finish(lease: lease, outcome: outcome, report: report)])
        return try require(results.count == 1 ? results[0] : nil, "one result for one finish")
    }

    /// Ends a running attempt, which must be accepted with that status.
    @discardableResult
    func end(
        _ claimed: ClaimedTask,
        _ outcome: Finish.Outcome,
        as status: TaskStatus,
        report: TaskReport? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) async throws -> TaskRecord {
        let result = try await finish(claimed.lease, outcome, report: report)
        try expect(result, equals: .accepted(status), "the answer to a finish", fileID: fileID, line: line)
        return try await record(claimed.record.id, fileID: fileID, line: line)
    }

    func record(_ id: TaskID, fileID: StaticString = #fileID, line: UInt = #line) async throws -> TaskRecord {
        let records = try await store.tasks([id])
        guard records.count == 1, let record = records[0] else {
            throw failure("reading task \(id)", expected: "its record", seen: records, fileID: fileID, line: line)
        }
        return record
    }

    /// Stores a task and takes it to a status.
    func make(_ status: TaskStatus, _ task: NewTask = .plain) async throws -> TaskRecord {
        switch status {
        case .queued:
            return try await add(task)
        case .running:
            return try await start(task).record
        case .done:
            return try await end(try await start(task), .done(result: .null, followUps: []), as: .done)
        case .failed:
            return try await end(try await start(task), .failed(.boom, retryAfter: nil), as: .failed)
        case .cancelled:
            let record = try await add(task)
            _ = try await store.cancel(.ids([record.id]), limit: 1)
            return try await self.record(record.id)
        }
    }

    func beat(
        _ worker: WorkerID = .a,
        held: [Lease] = [],
        _ reports: TaskReport...
    ) async throws -> BeatReply {
        try await store.beat(WorkerBeat(worker: worker, held: held, reports: reports))
    }

    func cancel(_ id: TaskID) async throws -> CommandResult.Outcome {
        try await outcome(of: id, store.cancel(.ids([id]), limit: 1))
    }

    func retry(_ id: TaskID, _ changes: TaskChanges = .none) async throws -> CommandResult.Outcome {
        try await outcome(of: id, store.retry(.ids([id]), changes: changes, limit: 1))
    }

    func update(
        _ id: TaskID,
        _ changes: TaskChanges,
        expectedVersion: Int64? = nil
    ) async throws -> CommandResult.Outcome {
        try await outcome(of: id, [store.update(id, changes: changes, expectedVersion: expectedVersion)])
    }

    private func outcome(of id: TaskID, _ results: [CommandResult]) throws -> CommandResult.Outcome {
        try expect(results.map(\.id), equals: [id], "the ids that a command answers about")
        return try require(results.first, "a command's result").outcome
    }
}

extension CommandResult.Outcome {
    /// The status after a command that was carried out; nil for any other outcome.
    var acceptedStatus: TaskStatus? {
        guard case .accepted(let status, _) = self else { return nil }
        return status
    }
}

extension EnqueueResult {
    var insertedID: TaskID? {
        guard case .inserted(let record) = self else { return nil }
        return record.id
    }

    var existingID: TaskID? {
        guard case .existing(let record) = self else { return nil }
        return record.id
    }
}
