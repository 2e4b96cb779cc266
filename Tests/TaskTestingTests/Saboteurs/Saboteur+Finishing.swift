import Synchronization
import TaskCore
import TaskTesting

extension Saboteur {
    static let finishing = [
        Saboteur("forgets the fence", topic: "stale", caughtBy: "a zombie's finish") { forgetsFences($0) },
        Saboteur("believes whoever names the task", topic: "stale", caughtBy: "in another worker's name") {
            forgetsWorkers($0)
        },
        Saboteur("skips follow-ups", topic: "follow-ups", caughtBy: "are enqueued with the finished task as parent") {
            EditsFinishes(base: $0) { finish, _ in
                if case .done(let result, _) = finish.outcome { finish.outcome = .done(result: result, followUps: []) }
            }
        },
        Saboteur("enqueues follow-ups in a transaction of their own", topic: "follow-ups", caughtBy: "nobody ever sees")
        {
            TearsFollowUps(base: $0)
        },
        Saboteur("drops the report that comes with an outcome", topic: "finish", caughtBy: "the report that comes") {
            EditsFinishes(base: $0) { finish, _ in finish.report = nil }
        },
        Saboteur("lets a cancel beat a success", topic: "asked to stop", caughtBy: "success wins") {
            EditsFinishes(base: $0) { finish, record in
                if record?.cancelRequestedAt != nil { finish.outcome = .cancelled }
            }
        },
        Saboteur("calls a task that waits to be retried failed", topic: "finish", caughtBy: "waits for its time") {
            EditsFinishes(base: $0) { finish, _ in
                if case .failed(let failure, _) = finish.outcome { finish.outcome = .failed(failure, retryAfter: nil) }
            }
        },
        Saboteur("retries what must not be retried", topic: "finish", caughtBy: "must not be retried") {
            EditsFinishes(base: $0) { finish, _ in
                if case .failed(let failure, nil) = finish.outcome {
                    finish.outcome = .failed(failure, retryAfter: .zero)
                }
            }
        },
        Saboteur("uses up an attempt by a snooze", topic: "finish", caughtBy: "has used up no attempt") {
            EditsFinishes(base: $0) { finish, _ in
                if case .snoozed = finish.outcome { finish.outcome = .failed(.init(of: Defect()), retryAfter: .zero) }
            }
        },
        Saboteur("keeps the error of a task that is done", topic: "finish", caughtBy: "without an error") {
            KeepsError(base: $0)
        },
    ]
}

struct Defect: Error {}

struct EditsFinishes: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout Finish, TaskRecord?) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout Finish, TaskRecord?) -> Void) {
        self.base = base
        self.edit = edit
    }

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        let records = try await base.tasks(finishes.map(\.lease.task))
        return try await base.finish(
            zip(finishes, records).map { finish, record in
                var finish = finish
                edit(&finish, record)
                return finish
            }
        )
    }
}

private func forgetsFences(_ base: any TaskStore) -> EditsFinishes {
    EditsFinishes(base: base) { finish, record in
        guard let record, let worker = record.worker else { return }
        finish.lease = Lease(task: record.id, fence: record.fence, worker: worker)
    }
}

private func forgetsWorkers(_ base: any TaskStore) -> EditsFinishes {
    EditsFinishes(base: base) { finish, record in
        if let worker = record?.worker { finish.lease.worker = worker }
    }
}

struct TearsFollowUps: StoreWrapper {
    let base: any TaskStore

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        var later: [NewTask] = []
        let bare = finishes.map { finish in
            var finish = finish
            if case .done(let result, let followUps) = finish.outcome {
                later += followUps
                finish.outcome = .done(result: result, followUps: [])
            }
            return finish
        }
        let results = try await base.finish(bare)
        for _ in 0..<10 { await Task.yield() }
        _ = try await base.enqueue(later.map { EnqueueRequest($0) })
        return results
    }
}

final class KeepsError: StoreWrapper {
    let base: any TaskStore
    private let errors = Mutex<[TaskID: TaskFailure]>([:])

    init(base: any TaskStore) { self.base = base }

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await base.tasks(ids).map { record in
            guard var record else { return nil }
            if let error = record.error { errors.withLock { $0[record.id] = error } }
            record.error = errors.withLock { $0[record.id] }
            return record
        }
    }
}
