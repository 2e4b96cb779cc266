#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

extension StoreConformance {
    static let enqueueChecks: [StoreCheck] = [
        StoreCheck("enqueue", "a new task is queued, at version 1, and stored as it was asked for") { store in
            let parent = TaskID()
            let asked = NewTask(
                name: "resize",
                input: JSONText(trusted: #"{"width":320}"#),
                queue: "images",
                priority: 7,
                metadata: ["album": "summer", "size": 3],
                runAt: store.now.addingTimeInterval(60),
                maxAttempts: 9,
                timeout: .milliseconds(1500),
                owner: "ada",
                parent: parent,
                idempotency: IdempotencyKey("once", timeToLive: .seconds(90)),
                uniqueKey: "photo-1",
                followUps: [NewTask(name: "tell", input: JSONText(trusted: "[1]"), owner: "bob")]
            )
            var kept = asked
            kept.runAt = nil
            let expected = TaskRecord(
                request: kept,
                status: .queued,
                runAt: store.now.addingTimeInterval(60),
                createdAt: store.now,
                updatedAt: store.now
            )
            try store.expect(try await store.add(asked), equals: expected, "the answer")
            try store.expect(try await store.record(asked.id), equals: expected, "the stored record")
        },
        StoreCheck("enqueue", "a task without runAt may run from now on") { store in
            store.advance(.seconds(5))
            let record = try await store.add()
            try store.expect(record.runAt, equals: store.now, "runAt")
            try store.expect(record.request.runAt, equals: nil, "the request's runAt, which the record's replaces")
        },
        StoreCheck("enqueue", "a runAt in the past is kept") { store in
            let past = store.now.addingTimeInterval(-3600)
            let record = try await store.add(NewTask(name: "late", runAt: past))
            try store.expect(record.runAt, equals: past, "runAt")
        },
        StoreCheck("enqueue", "an id that is stored already answers existing, whatever else the request says") {
            store in
            let first = try await store.add(NewTask(name: "first", priority: 1, uniqueKey: "u"))
            let again = NewTask(
                id: first.id,
                name: "second",
                input: JSONText(trusted: "2"),
                queue: "elsewhere",
                idempotency: IdempotencyKey("k"),
                uniqueKey: "v"
            )
            try store.expect(try await store.enqueue(again), equals: [.existing(first)], "the answer")
            try store.expect(try await store.record(first.id), equals: first, "the stored record")
            let other = try await store.enqueue(
                NewTask(name: "other", idempotency: IdempotencyKey("k"), uniqueKey: "v")
            )
            try store.expect(other.first?.insertedID != nil, "the repeated request's keys stay free", seen: other)
        },
        StoreCheck("enqueue", "the id of a finished task answers existing, with its result") { store in
            let claimed = try await store.start()
            let done = try await store.end(claimed, .done(result: JSONText(trusted: "42"), followUps: []), as: .done)
            let answer = try await store.enqueue(NewTask(id: done.id, name: "plain"))
            try store.expect(answer, equals: [.existing(done)], "the answer")
        },
        StoreCheck("enqueue", "the same id twice in one batch is one task") { store in
            let task = NewTask.plain
            let answers = try await store.enqueue(task, task)
            let record = try await store.record(task.id)
            try store.expect(answers, equals: [.inserted(record), .existing(record)], "the answers")
        },
        StoreCheck("enqueue", "a hundred callers with the same id get one task") { store in
            let task = NewTask.plain
            let answers = try await race(100) { _ in try await store.enqueue(task) }.flatMap { $0 }
            try store.expect(answers.count { $0.insertedID == task.id }, equals: 1, "inserted")
            try store.expect(answers.count { $0.existingID == task.id }, equals: 99, "existing")
        },
        StoreCheck("enqueue", "answers come in the order of the requests, and all are stored") { store in
            let records = try await store.add(1000) { NewTask(name: "n\($0)") }
            try store.expect(records.map(\.name), equals: (0..<1000).map { "n\($0)" }, "the names in the answers")
            let stored = try await store.store.tasks(records.map(\.id))
            try store.expect(stored.compactMap { $0 }, equals: records, "the stored records")
        },
        StoreCheck("enqueue", "an empty batch answers nothing") { store in
            try store.expect(try await store.store.enqueue([]), equals: [], "the answers")
        },
        StoreCheck("enqueue", "a task claimed as it is stored is running, with the first fence and a live worker") {
            store in
            let request = EnqueueRequest(.plain, claimedBy: .a, leaseDuration: .seconds(30))
            guard case .inserted(let record)? = try await store.store.enqueue([request]).first else {
                throw store.failure("enqueueing", expected: "inserted", seen: "something else")
            }
            let expected = TaskRecord(
                request: request.task,
                status: .running,
                attempts: 1,
                fence: 1,
                runAt: store.now,
                createdAt: store.now,
                updatedAt: store.now,
                startedAt: store.now,
                worker: .a,
                version: record.version
            )
            try store.expect(record, equals: expected, "the answer")
            try store.expect(try await store.record(record.id), equals: expected, "the stored record")
            let workers = try await store.store.workers()
            let worker = WorkerInfo(id: .a, leaseUntil: store.now.addingTimeInterval(30), running: 1)
            try store.expect(workers, equals: [worker], "the workers")
            try store.expect(try await store.claim(by: .b).count, equals: 0, "what another worker can claim")
        },
        StoreCheck("enqueue", "a task claimed as it is stored runs at once, whatever its runAt and its queue's pause") {
            store in
            try await store.store.setPaused(true, queue: "default")
            let task = NewTask(name: "by hand", runAt: store.now.addingTimeInterval(3600))
            _ = try await store.store.enqueue([EnqueueRequest(task, claimedBy: .a)])
            try store.expect(try await store.record(task.id).status, equals: .running, "the status")
        },
        StoreCheck("enqueue", "a task claimed as it is stored can be finished with that lease") { store in
            let task = NewTask.plain
            _ = try await store.store.enqueue([EnqueueRequest(task, claimedBy: .a)])
            let lease = Lease(task: task.id, fence: 1, worker: .a)
            let result = try await store.finish(lease, .done(result: .null, followUps: []))
            try store.expect(result, equals: .accepted(.done), "the answer")
        },
        StoreCheck("enqueue", "a repeated id is not claimed by the worker that repeats it") { store in
            let first = try await store.add()
            let request = EnqueueRequest(NewTask(id: first.id, name: "plain"), claimedBy: .a)
            try store.expect(try await store.store.enqueue([request]), equals: [.existing(first)], "the answer")
            try store.expect(try await store.record(first.id), equals: first, "the stored record")
        },
        StoreCheck("enqueue", "a batch of a cancelled caller is stored as a whole or not at all") { store in
            let tasks = (0..<50).map { _ in NewTask.plain }
            for _ in 0..<20 {
                let batch = tasks.map { task in
                    var task = task
                    task.id = TaskID()
                    return EnqueueRequest(task)
                }
                let call = Task { try await store.store.enqueue(batch) }
                call.cancel()
                let answers = try? await call.value
                let stored = try await store.store.tasks(batch.map(\.task.id)).compactMap { $0 }.count
                try store.expect(stored == 0 || stored == 50, "all or none of 50 tasks are stored", seen: stored)
                try store.expect(answers == nil || stored == 50, "acknowledged tasks are stored", seen: stored)
            }
        },
    ]
}
