import Synchronization
import TaskCore
import TaskTesting

extension Saboteur {
    static let producing = [
        Saboteur("forgets idempotency keys", topic: "idempotency", caughtBy: "answer with the task stored first") {
            EditsTasks(base: $0) { $0.idempotency = nil }
        },
        Saboteur("keys owners together", topic: "idempotency", caughtBy: "keys of different owners") {
            EditsTasks(base: $0) { $0.owner = nil }
        },
        Saboteur("lets keys live for ever", topic: "idempotency", caughtBy: "for its time to live and not longer") {
            EditsTasks(base: $0) { $0.idempotency?.timeToLive = nil }
        },
        Saboteur("looks a key up before it takes the lock", topic: "idempotency", caughtBy: "a hundred callers") {
            RacyKeys(base: $0)
        },
        Saboteur("answers existing for a conflict", topic: "idempotency", caughtBy: "another input is a conflict") {
            HidesConflicts(base: $0)
        },
        Saboteur("forgets unique keys", topic: "unique key", caughtBy: "another is not stored") {
            EditsTasks(base: $0) { $0.uniqueKey = nil }
        },
        Saboteur("never frees unique keys", topic: "unique key", caughtBy: "free once its task is done") {
            KeepsUniqueKeys(base: $0)
        },
        Saboteur("runs delayed tasks at once", topic: "claim", caughtBy: "not claimed before its time") {
            EditsTasks(base: $0) { $0.runAt = nil }
        },
        Saboteur("trims texts", topic: "values", caughtBy: "texts come back unchanged") {
            EditsTasks(base: $0) { $0.name = String($0.name.drop { $0 == " " }) }
        },
        Saboteur("keeps JSON as a value", topic: "values", caughtBy: "byte for byte") {
            EditsTasks(base: $0) { task in
                guard let value = try? task.input.decode(JSONValue.self) else { return }
                task.input = (try? JSONText(encoding: value)) ?? task.input
            }
        },
        Saboteur("keeps priorities in one byte", topic: "claim order", caughtBy: "from -32768 to 32767") {
            EditsTasks(base: $0) { $0.priority = max(-128, min(127, $0.priority)) }
        },
        Saboteur("cuts inputs at 64 KiB", topic: "values", caughtBy: "1 MiB") {
            EditsTasks(base: $0) { $0.input = JSONText(trusted: String($0.input.text.prefix(65_536))) }
        },
    ]
}

struct EditsTasks: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout NewTask) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout NewTask) -> Void) {
        self.base = base
        self.edit = edit
    }

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        try await base.enqueue(
            tasks.map { request in
                var request = request
                edit(&request.task)
                return request
            }
        )
    }
}

/// Checks first and writes later, as a store does without the right isolation.
final class RacyKeys: StoreWrapper {
    let base: any TaskStore
    private let known = Mutex<[String: TaskID]>([:])

    init(base: any TaskStore) { self.base = base }

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        guard tasks.count == 1, let key = tasks[0].task.idempotency?.key else { return try await base.enqueue(tasks) }
        if let id = known.withLock({ $0[key] }), let record = try await base.tasks([id])[0] {
            return [.existing(record)]
        }
        await Task.yield()
        var request = tasks[0]
        request.task.idempotency = nil
        known.withLock { $0[key] = request.task.id }
        return try await base.enqueue([request])
    }
}

struct HidesConflicts: StoreWrapper {
    let base: any TaskStore

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        var results = try await base.enqueue(tasks)
        for (index, result) in results.enumerated() {
            guard case .conflict(let id) = result, let record = try await base.tasks([id])[0] else { continue }
            results[index] = .existing(record)
        }
        return results
    }
}

final class KeepsUniqueKeys: StoreWrapper {
    let base: any TaskStore
    private let holders = Mutex<[String: TaskID]>([:])

    init(base: any TaskStore) { self.base = base }

    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        var results: [EnqueueResult] = []
        for request in tasks {
            if let key = request.task.uniqueKey, let id = holders.withLock({ $0[key] }),
                let record = try await base.tasks([id])[0]
            {
                results.append(.existing(record))
                continue
            }
            if let key = request.task.uniqueKey { holders.withLock { $0[key] = request.task.id } }
            results += try await base.enqueue([request])
        }
        return results
    }
}
