import TaskCore

extension StoreConformance {
    /// What only a store that several processes share can get wrong; each needs an empty place of its own.
    ///
    /// ```swift
    /// @Test(arguments: StoreConformance.sharedChecks)
    /// func agreesWithItsOther(_ check: SharedStoreCheck) async throws {
    ///     try await check.run { clock in
    ///         let store = MemoryTaskStore(clock: clock)
    ///         return (store, store)
    ///     }
    /// }
    /// ```
    public static let sharedChecks: [SharedStoreCheck] = [
        sharedLookChecks, sharedWorkChecks, sharedRaceChecks, sharedFollowingChecks, sharedLifeChecks,
    ].flatMap { $0 }

    private static let rounds = 50

    // MARK: Looking

    private static let sharedLookChecks: [SharedStoreCheck] = [
        SharedStoreCheck("what one stores, the other reads, to the last member") { one, other in
            let task = NewTask(
                name: "resize",
                input: JSONText(trusted: #"{"path":"a/ü.jpg"}"#),
                queue: "media",
                priority: -3,
                metadata: ["kind": "photo", "size": 3],
                maxAttempts: 7,
                timeout: .milliseconds(1500),
                owner: "ada",
                idempotency: IdempotencyKey("k"),
                uniqueKey: "u",
                followUps: [NewTask(name: "next")]
            )
            let stored = try await one.add(task)
            try other.expect(try await other.record(task.id), equals: stored, "the record through the other")
        },
        SharedStoreCheck("a page asked of one goes on in the other") { one, other in
            let ids = try await one.add(25).map(\.id)
            let first = try await one.store.list(TaskQuery(order: .oldestFirst, limit: 10))
            let rest = try await other.store.list(TaskQuery(order: .oldestFirst, limit: 100, cursor: first.next))
            try other.expect((first.records + rest.records).map(\.id), equals: ids.sorted(), "both pages")
        },
        SharedStoreCheck("tasks stored through both in turn are claimed in that order") { one, other in
            var ids: [TaskID] = []
            for number in 0..<40 { ids.append(try await (number % 2 == 0 ? one : other).add().id) }
            let claimed = try await one.claim(limit: 20) + other.claim(by: .b, limit: 20)
            try one.expect(claimed.map(\.record.id), equals: ids, "the order")
        },
    ]

    // MARK: Working

    private static let sharedWorkChecks: [SharedStoreCheck] = [
        SharedStoreCheck("what is claimed through one is reported and finished through the other") { one, other in
            let claimed = try await one.start()
            let report = TaskReport(lease: claimed.lease, progress: TaskProgress(processed: 3, total: 4))
            let reply = try await other.beat(.a, held: [claimed.lease], report)
            try other.expect(reply, equals: BeatReply(wasAlive: true), "the beat through the other")
            try one.expect(try await one.record(claimed.record.id).progress.percent, equals: 75, "the progress")
            try await other.end(claimed, .done(result: .null, followUps: []), as: .done)
            let again = try await one.finish(claimed.lease, .done(result: .null, followUps: []))
            try one.expect(again, equals: .stale, "a second finish through the first")
        },
        SharedStoreCheck("a cancel through one is told by a beat through the other") { one, other in
            let claimed = try await one.start()
            _ = try await other.cancel(claimed.record.id)
            let reply = try await one.beat(.a, held: [claimed.lease])
            try one.expect(reply.cancelRequested, equals: [claimed.record.id], "what the beat says")
        },
        SharedStoreCheck("a pause through one stops claims through the other, until it is let go") { one, other in
            try await one.add()
            try await one.store.setPaused(true, queue: "default")
            try other.expect(try await other.claim().count, equals: 0, "claimed while paused")
            try await other.store.setPaused(false, queue: "default")
            try one.expect(try await one.claim().count, equals: 1, "claimed afterwards")
        },
        SharedStoreCheck("what a worker of one lost, the other rescues; its writes are stale through both") {
            one,
            other in
            let claimed = try await one.start()
            one.advance(.seconds(21))
            try other.expect(try await other.store.rescue(limit: 10).requeued, equals: 1, "rescued through the other")
            for probe in [one, other] {
                let reply = try await probe.beat(.a, held: [claimed.lease])
                try probe.expect(reply.lost, equals: [claimed.lease], "what the beat says")
                let finish = try await probe.finish(claimed.lease, .done(result: .null, followUps: []))
                try probe.expect(finish, equals: .stale, "the late finish")
            }
        },
        SharedStoreCheck("a lease renewed through one counts for a sweep through the other") { one, other in
            _ = try await one.start()
            one.advance(.seconds(15))
            _ = try await one.beat(.a)
            one.advance(.seconds(15))
            try other.expect(try await other.store.rescue(limit: 10).total, equals: 0, "rescued")
        },
    ]

    // MARK: Racing

    private static let sharedRaceChecks: [SharedStoreCheck] = [
        raceCheck("claims through both at once give each task to one of them") { one, other in
            let ids = Set(try await one.add(40).map(\.id))
            let (mine, theirs) = try await race({ try await one.claim() }, { try await other.claim(by: .b) })
            // Tasks that were being looked at may have been passed over.
            let rest = try await one.claim()
            let claimed = (mine + theirs + rest).map(\.record.id)
            try one.expect(claimed.count, equals: ids.count, "claimed")
            try one.expect(Set(claimed), equals: ids, "which")
        },
        SharedStoreCheck("a hundred callers with one idempotency key, half through each, get one task") { one, other in
            try await expectOne(one, other) { NewTask(name: "t", idempotency: IdempotencyKey("k")) }
        },
        SharedStoreCheck("a hundred callers with one unique key, half through each, get one task") { one, other in
            try await expectOne(one, other) { NewTask(name: "t", uniqueKey: "u") }
        },
        SharedStoreCheck("a hundred callers with one id, half through each, get one task") { one, other in
            let task = NewTask(name: "t")
            try await expectOne(one, other) { task }
        },
        raceCheck("one lease finished through both: one is accepted") { one, other in
            let claimed = try await one.start()
            let outcome = Finish.Outcome.done(result: .null, followUps: [])
            let (mine, theirs) = try await race(
                { try await one.finish(claimed.lease, outcome) },
                { try await other.finish(claimed.lease, outcome) }
            )
            try one.expect([mine, theirs].count { $0 == .accepted(.done) }, equals: 1, "accepted")
            try one.expect([mine, theirs].count { $0 == .stale }, equals: 1, "stale")
        },
        raceCheck("success through one against cancel through the other: success wins") { one, other in
            let claimed = try await one.start()
            let (finish, _) = try await race(
                { try await one.finish(claimed.lease, .done(result: .null, followUps: [])) },
                { try await other.cancel(claimed.record.id) }
            )
            try one.expect(finish, equals: .accepted(.done), "the finish")
            try other.expect(try await other.record(claimed.record.id).status, equals: .done, "the status")
        },
        raceCheck("a beat through one against a sweep through the other: both tell one story") { one, other in
            let claimed = try await one.start()
            one.advance(.seconds(21))
            let (reply, report) = try await race(
                { try await one.beat(.a, held: [claimed.lease]) },
                { try await other.store.rescue(limit: 10) }
            )
            let isRunning = try await other.record(claimed.record.id).status == .running
            try one.expect(reply.lost.isEmpty, equals: isRunning, "whether the beat says the lease is held")
            try other.expect(report.total, equals: isRunning ? 0 : 1, "rescued")
            _ = try await one.cancel(claimed.record.id)
            _ = try await one.finish(claimed.lease, .cancelled)
        },
        raceCheck("two sweeps at once rescue a task once") { one, other in
            let claimed = try await one.start()
            one.advance(.seconds(21))
            let (mine, theirs) = try await race(
                { try await one.store.rescue(limit: 10) },
                { try await other.store.rescue(limit: 10) }
            )
            try one.expect(mine.total + theirs.total, equals: 1, "rescued")
            let lost = try await one.store.attempts(of: claimed.record.id).count { $0.outcome == .workerLost }
            try one.expect(lost, equals: 1, "attempts in the history")
            _ = try await one.cancel(claimed.record.id)
        },
        raceCheck("a retry through one against a prune through the other: the task is retried or gone") { one, other in
            let failed = try await one.make(.failed)
            one.advance(.seconds(60))
            let (retry, counts) = try await race(
                { try await one.retry(failed.id) },
                { try await other.store.prune(.finished(olderThan: .seconds(1)), limit: 100) }
            )
            let stored = try await other.store.tasks([failed.id])[0]
            try one.expect(stored != nil, equals: retry.acceptedStatus == .queued, "whether it is there")
            try other.expect(counts[.failed, default: 0], equals: stored == nil ? 1 : 0, "pruned")
            _ = try await one.cancel(failed.id)
            _ = try await one.store.prune(.finished(olderThan: .zero), limit: 100)
        },
    ]

    private static func raceCheck(
        _ promise: String,
        _ round: @escaping @Sendable (StoreProbe, StoreProbe) async throws -> Void
    ) -> SharedStoreCheck {
        SharedStoreCheck(promise) { one, other in
            for _ in 0..<rounds { try await round(one, other) }
        }
    }

    private static func expectOne(
        _ one: StoreProbe,
        _ other: StoreProbe,
        _ make: @escaping @Sendable () -> NewTask
    ) async throws {
        let answers = try await race(100) { number in
            try await (number % 2 == 0 ? one : other).enqueue(make())
        }
        let inserted = answers.compactMap { $0.first?.insertedID }
        let existing = answers.compactMap { $0.first?.existingID }
        try one.expect(inserted.count, equals: 1, "inserted")
        try one.expect(existing.count, equals: 99, "told of the first")
        try one.expect(Set(existing), equals: Set(inserted), "whose id everybody has")
    }

    // MARK: Following

    private static let sharedFollowingChecks: [SharedStoreCheck] =
        SignalKind.allCases.map { kind in
            SharedStoreCheck("a hint of '\(kind)' comes from the other process") { one, other in
                let stream = one.store.signals(kind)
                // Three times: a first hint may be of nothing but the beginning.
                for _ in 0..<3 {
                    let claimed = try await other.start()
                    if kind == .cancellations { _ = try await other.cancel(claimed.record.id) }
                    try await one.expectSignal(in: stream)
                }
            }
        } + [
            SharedStoreCheck("a cursor of one is good in the other, and skips nothing that both store at once") {
                one,
                other in
                let cursor = try await one.store.changes(since: nil, limit: 1).cursor
                async let mine = store(300, through: one)
                async let theirs = store(300, through: other)
                // Follows while they write: what is committed late must not be behind a cursor that was handed out before.
                var followed = cursor
                var seen: Set<TaskID> = []
                while seen.count < 600 {
                    let page = try await other.store.changes(since: followed, limit: 7)
                    try other.expect(page.isComplete, "the feed is complete", seen: page)
                    seen.formUnion(page.ids)
                    followed = page.cursor
                }
                let stored = try await Set(mine + theirs)
                try other.expect(seen, equals: stored, "what was seen")
            }
        ]

    private static func store(_ count: Int, through probe: StoreProbe) async throws -> [TaskID] {
        try await withThrowingTaskGroup(of: [TaskID].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    var ids: [TaskID] = []
                    for _ in 0..<count / 6 { ids.append(try await probe.add().id) }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    // MARK: Life

    private static let sharedLifeChecks: [SharedStoreCheck] = [
        SharedStoreCheck("both may migrate at once, again and again") { one, other in
            for _ in 0..<10 {
                _ = try await race({ try await one.store.migrate() }, { try await other.store.migrate() })
            }
            try await one.add()
            try other.expect(try await other.claim().count, equals: 1, "claimed")
        },
        SharedStoreCheck("the end of a worker of one gives its tasks to the other") { one, other in
            let claimed = try await one.start()
            try await one.store.retire(.a)
            try other.expect(try await other.claim(by: .b).map(\.record.id), equals: [claimed.record.id], "claimed")
        },
    ]
}
