import TaskCore

extension StoreConformance {
    private static func keyed(
        _ key: String,
        name: String = "pay",
        input: String = "1",
        owner: String? = nil,
        timeToLive: Duration? = .seconds(60)
    ) -> NewTask {
        NewTask(
            name: name,
            input: JSONText(trusted: input),
            owner: owner,
            idempotency: IdempotencyKey(key, timeToLive: timeToLive)
        )
    }

    /// é in its two ways: the same text to Swift, and not the same bytes.
    private static let (composed, decomposed) = ("\u{E9}", "e\u{301}")

    static let idempotencyChecks: [StoreCheck] = [
        StoreCheck("idempotency", "the same key, name and input answer with the task stored first") { store in
            let first = try await store.add(keyed("k"))
            try store.expect(try await store.enqueue(keyed("k")), equals: [.existing(first)], "the answer")
        },
        StoreCheck("idempotency", "the answer is the first task also when it is done, with its result") { store in
            let claimed = try await store.start(keyed("k"))
            let done = try await store.end(claimed, .done(result: JSONText(trusted: "7"), followUps: []), as: .done)
            try store.expect(try await store.enqueue(keyed("k")), equals: [.existing(done)], "the answer")
        },
        StoreCheck("idempotency", "the answer is the first task also when it failed or was cancelled") { store in
            let failed = try await store.make(.failed, keyed("f"))
            let cancelled = try await store.make(.cancelled, keyed("c"))
            let answers = try await store.enqueue(keyed("f"), keyed("c"))
            try store.expect(answers, equals: [.existing(failed), .existing(cancelled)], "the answers")
        },
        StoreCheck("idempotency", "the same key with another input is a conflict, and nothing is stored") { store in
            let first = try await store.add(keyed("k"))
            let other = keyed("k", input: "2")
            try store.expect(try await store.enqueue(other), equals: [.conflict(first.id)], "the answer")
            try store.expect(try await store.store.tasks([other.id]), equals: [nil], "the refused task")
            try store.expect(try await store.record(first.id), equals: first, "the first task")
        },
        StoreCheck("idempotency", "the same key with another name is a conflict") { store in
            let first = try await store.add(keyed("k"))
            let answers = try await store.enqueue(keyed("k", name: "refund"))
            try store.expect(answers, equals: [.conflict(first.id)], "the answer")
        },
        StoreCheck("idempotency", "only name and input make a request the same: other options may differ") { store in
            let first = try await store.add(keyed("k"))
            var again = keyed("k")
            again.queue = "fast"
            again.priority = 9
            again.metadata = ["try": 2]
            try store.expect(try await store.enqueue(again), equals: [.existing(first)], "the answer")
        },
        StoreCheck("idempotency", "keys of different owners have nothing to do with each other") { store in
            let answers = try await store.enqueue(
                keyed("k", owner: "ada"),
                keyed("k", input: "2", owner: "bob"),
                keyed("k", input: "3")
            )
            try store.expect(answers.count { $0.insertedID != nil }, equals: 3, "inserted")
            let again = try await store.enqueue(keyed("k", input: "2", owner: "bob"))
            try store.expect(again.first?.existingID, equals: answers[1].insertedID, "bob's task")
        },
        StoreCheck("idempotency", "two requests of one batch with one key are one task") { store in
            let answers = try await store.enqueue(keyed("k"), keyed("k"), keyed("k", input: "2"))
            let id = try store.require(answers.first?.insertedID, "the first is inserted")
            try store.expect(answers.dropFirst().first?.existingID, equals: id, "the second")
            try store.expect(answers.last, equals: .conflict(id), "the third, with another input")
        },
        StoreCheck("idempotency", "a conflict does not keep the others of its batch out") { store in
            let first = try await store.add(keyed("k"))
            let (before, after) = (NewTask.plain, NewTask.plain)
            let answers = try await store.enqueue(before, keyed("k", input: "2"), after)
            try store.expect(answers.map(\.insertedID), equals: [before.id, nil, after.id], "the inserted ids")
            try store.expect(answers[1], equals: .conflict(first.id), "the second answer")
        },
        StoreCheck("idempotency", "a key is remembered for its time to live and not longer") { store in
            let first = try await store.add(keyed("k", timeToLive: .seconds(60)))
            store.advance(.seconds(59))
            try store.expect(try await store.enqueue(keyed("k")), equals: [.existing(first)], "after 59 of 60 s")
            store.advance(.seconds(2))
            let second = try await store.enqueue(keyed("k", input: "2"))
            try store.expect(second.first?.insertedID != nil, "after 61 s the key is free", seen: second)
        },
        StoreCheck("idempotency", "a repeated request does not prolong the key") { store in
            _ = try await store.add(keyed("k", timeToLive: .seconds(60)))
            store.advance(.seconds(40))
            _ = try await store.enqueue(keyed("k", timeToLive: .seconds(60)))
            store.advance(.seconds(40))
            let answers = try await store.enqueue(keyed("k"))
            try store.expect(answers.first?.insertedID != nil, "the key is free", seen: answers)
        },
        StoreCheck("idempotency", "an expired key belongs to the next task that uses it") { store in
            let first = try await store.add(keyed("k"))
            store.advance(.seconds(61))
            let second = try await store.add(keyed("k"))
            try store.expect(second.id != first.id, "a second task", seen: second.id)
            try store.expect(try await store.enqueue(keyed("k")).first?.existingID, equals: second.id, "the answer")
        },
        StoreCheck("idempotency", "a key without time to live is remembered as long as its task is kept") { store in
            let first = try await store.add(keyed("k", timeToLive: nil))
            store.advance(.seconds(400 * 86_400))
            try store.expect(try await store.enqueue(keyed("k")).first?.existingID, equals: first.id, "the answer")
        },
        StoreCheck("idempotency", "a key still names its task after somebody retried it") { store in
            let failed = try await store.make(.failed, keyed("k"))
            _ = try await store.retry(failed.id)
            let now = try await store.record(failed.id)
            try store.expect(try await store.enqueue(keyed("k")), equals: [.existing(now)], "the answer")
        },
        StoreCheck("idempotency", "keys, owners and inputs are compared by their bytes") { store in
            let answers = try await store.enqueue(
                keyed(composed),
                keyed(decomposed, input: "2"),
                keyed("k", owner: composed),
                keyed("k", input: "2", owner: decomposed)
            )
            try store.expect(answers.count { $0.insertedID != nil }, equals: 4, "inserted")
            let first = try await store.add(keyed("i", input: "\"\(composed)\""))
            let other = try await store.enqueue(keyed("i", input: "\"\(decomposed)\""))
            try store.expect(other, equals: [.conflict(first.id)], "the answer to another input")
        },
        StoreCheck("idempotency", "a hundred callers with one key get one task and the same id") { store in
            let answers = try await race(100) { _ in try await store.enqueue(keyed("k")) }.flatMap { $0 }
            let ids = Set(answers.compactMap { $0.insertedID ?? $0.existingID })
            try store.expect(answers.count { $0.insertedID != nil }, equals: 1, "inserted")
            try store.expect(ids.count, equals: 1, "different ids in 100 answers")
            try store.expect(answers.count { $0.existingID != nil }, equals: 99, "existing")
        },
        StoreCheck("idempotency", "racing callers with one key and two inputs get one task and conflicts") { store in
            let answers = try await race(60) { try await store.enqueue(keyed("k", input: "\($0 % 2)")) }.flatMap { $0 }
            try store.expect(answers.count { $0.insertedID != nil }, equals: 1, "inserted")
            try store.expect(answers.count { $0.existingID != nil }, equals: 29, "existing: the same input")
            let id = try store.require(answers.compactMap(\.insertedID).first, "the winner")
            try store.expect(answers.count { $0 == .conflict(id) }, equals: 30, "conflicts: the other input")
        },
        StoreCheck("idempotency", "the id decides before the key, and the key before the unique key") { store in
            let first = try await store.add(NewTask(name: "a", uniqueKey: "u"))
            let second = try await store.add(keyed("k"))
            var task = keyed("k")
            task.uniqueKey = "u"
            try store.expect(try await store.enqueue(task), equals: [.existing(second)], "key before unique key")
            task.id = first.id
            try store.expect(try await store.enqueue(task), equals: [.existing(first)], "id before key")
            var conflicting = keyed("k", input: "2")
            conflicting.uniqueKey = "u"
            try store.expect(try await store.enqueue(conflicting), equals: [.conflict(second.id)], "conflict first")
        },
        StoreCheck("idempotency", "a request answered by a unique key leaves its idempotency key unused") { store in
            let holder = try await store.add(NewTask(name: "a", uniqueKey: "u"))
            var task = keyed("k")
            task.uniqueKey = "u"
            try store.expect(try await store.enqueue(task), equals: [.existing(holder)], "the unique key's answer")
            let other = try await store.enqueue(keyed("k", input: "2"))
            try store.expect(other.first?.insertedID != nil, "the idempotency key is free", seen: other)
        },
    ]

    private static func unique(_ key: String = "u", queue: String = "default", owner: String? = nil) -> NewTask {
        NewTask(name: "sync", queue: queue, owner: owner, uniqueKey: key)
    }

    static let uniqueKeyChecks: [StoreCheck] = [
        StoreCheck("unique key", "while a task with it is queued or running, another is not stored") { store in
            let first = try await store.add(unique())
            try store.expect(try await store.enqueue(unique()), equals: [.existing(first)], "while queued")
            let claimed = try await store.claimAgain(first.id)
            try store.expect(try await store.enqueue(unique()), equals: [.existing(claimed.record)], "while running")
        },
        StoreCheck("unique key", "a task that waits to be run again still holds it") { store in
            let claimed = try await store.start(unique())
            let waiting = try await store.end(claimed, .failed(.boom, retryAfter: .seconds(60)), as: .queued)
            try store.expect(try await store.enqueue(unique()), equals: [.existing(waiting)], "the answer")
        },
        StoreCheck("unique key", "it is free once its task is done") { store in
            _ = try await store.make(.done, unique())
            try await store.add(unique())
        },
        StoreCheck("unique key", "it is free once its task failed") { store in
            _ = try await store.make(.failed, unique())
            try await store.add(unique())
        },
        StoreCheck("unique key", "it is free once its task was cancelled, queued or running") { store in
            _ = try await store.make(.cancelled, unique())
            let claimed = try await store.start(unique())
            try await store.end(claimed, .cancelled, as: .cancelled)
            try await store.add(unique())
        },
        StoreCheck("unique key", "it is free once a sweep failed its task") { store in
            var task = unique()
            task.maxAttempts = 1
            _ = try await store.start(task)
            store.advance(.seconds(21))
            _ = try await store.store.rescue(limit: 10)
            try store.expect(try await store.record(task.id).status, equals: .failed, "the swept task's status")
            try await store.add(unique())
        },
        StoreCheck("unique key", "it is one key over all queues and owners") { store in
            let first = try await store.add(unique(queue: "a", owner: "ada"))
            let answers = try await store.enqueue(unique(queue: "b", owner: "bob"))
            try store.expect(answers, equals: [.existing(first)], "the answer")
        },
        StoreCheck("unique key", "two requests of one batch with it are one task") { store in
            let answers = try await store.enqueue(unique(), unique())
            let id = try store.require(answers.first?.insertedID, "the first is inserted")
            try store.expect(answers.last?.existingID, equals: id, "the second")
        },
        StoreCheck("unique key", "keys are compared by their bytes") { store in
            let pair = [unique(composed), unique(decomposed)]
            let answers = try await store.enqueue(pair[0], pair[1])
            try store.expect(answers.map(\.insertedID), equals: pair.map(\.id), "the inserted ids")
            _ = try await store.cancel(pair[0].id)
            try store.expect(try await store.retry(pair[0].id).acceptedStatus, equals: .queued, "retried beside it")
            for task in pair { _ = try await store.cancel(task.id) }
            let retried = try await store.store.retry(.ids(pair.map(\.id)), changes: .none, limit: 2)
            try store.expect(retried.count { $0.outcome.acceptedStatus == .queued }, equals: 2, "retried together")
            let again = try await store.enqueue(unique(decomposed))
            try store.expect(again.first?.existingID, equals: pair[1].id, "the answer to the second key")
        },
        StoreCheck("unique key", "a hundred callers with it get one task and the same id") { store in
            let answers = try await race(100) { _ in try await store.enqueue(unique()) }.flatMap { $0 }
            let ids = Set(answers.compactMap { $0.insertedID ?? $0.existingID })
            try store.expect(answers.count { $0.insertedID != nil }, equals: 1, "inserted")
            try store.expect(ids.count, equals: 1, "different ids in 100 answers")
        },
        StoreCheck("unique key", "finishing its task frees it for a follow-up with the same key") { store in
            let claimed = try await store.start(unique())
            let next = unique()
            try await store.end(claimed, .done(result: .null, followUps: [next]), as: .done)
            try store.expect(try await store.record(next.id).status, equals: .queued, "the follow-up's status")
        },
    ]
}
