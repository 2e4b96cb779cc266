#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// Plays steps on a store and on the model, and finds where they first differ.
struct HistoryPlayer {
    struct Mismatch: Error {
        var what: String
        var expected: String
        var seen: String
        var difference: String?
    }

    private let store: any TaskStore
    private let clock: ManualClock
    private var model = StoreModel()
    private var slots: Set<Int> = []
    private var before: [TaskID: TaskRecord] = [:]
    private var cursor: ChangeCursor
    private var changesSeen = 0

    init(store: any TaskStore, clock: ManualClock) async throws {
        self.store = store
        self.clock = clock
        cursor = try await store.changes(since: nil, limit: 1).cursor
    }

    /// The ids are all over the place, so that no order can be had from them.
    static func id(_ slot: Int) -> TaskID {
        var random = SplitMix64(seed: UInt64(slot) &+ 77)
        return TaskID(high: random.next(), low: UInt64(slot))
    }

    /// Plays one step and compares what it answered and every record; with `deep` everything that can be looked at.
    mutating func play(_ step: HistoryStep, deep: Bool) async throws {
        try await carryOut(step)
        try await compareRecords()
        guard deep else { return }
        try await compareViews()
        try await compareChanges()
    }

    private func compare<Value: Equatable>(_ what: String, _ expected: Value, _ seen: Value) throws {
        guard expected != seen else { return }
        throw Mismatch(
            what: what,
            expected: Brief.text(expected),
            seen: Brief.text(seen),
            difference: Brief.difference(expected, seen)
        )
    }

    // MARK: Steps

    private mutating func carryOut(_ step: HistoryStep) async throws {
        let now = clock.now()
        switch step {
        case .advance(let duration):
            clock.advance(by: duration)
        case .enqueue(let plans):
            let requests = plans.map { EnqueueRequest(task($0, at: now), claimedBy: $0.claimedBy) }
            slots.formUnion(plans.map(\.slot))
            let seen = try await store.enqueue(requests)
            try compare("the answer", model.enqueue(requests, at: now).map(\.comparable), seen.map(\.comparable))
        case .claim(let worker, let queues):
            let request = ClaimRequest(worker: worker, queues: queues)
            let seen = try await store.claim(request)
            try compare("the answer", model.claim(request, at: now).comparable, seen.comparable)
        case .beat(let worker, let held, let reports):
            let beat = WorkerBeat(worker: worker, held: held.map(lease), reports: reports.map(report))
            let seen = try await store.beat(beat)
            try compare("the answer", model.beat(beat, at: now).comparable, seen.comparable)
        case .finish(let plans):
            let finishes = plans.map { finish($0, at: now) }
            for case .done(_, let followUps) in plans.map(\.outcome) { slots.formUnion(followUps.map(\.slot)) }
            let seen = try await store.finish(finishes)
            try compare("the answer", model.finish(finishes, at: now), seen)
        case .retire(let worker):
            try await store.retire(worker)
            model.retire(worker, at: now)
        case .rescue:
            let seen = try await store.rescue(limit: 1000)
            try compare("the answer", model.rescue(limit: 1000, at: now), seen)
        case .prune(let policy):
            let seen = try await store.prune(policy, limit: 1000).filter { $0.value > 0 }
            try compare("the answer", model.prune(policy, limit: 1000, at: now), seen)
        case .pause(let isPaused, let queue):
            try await store.setPaused(isPaused, queue: queue)
            model.setPaused(isPaused, queue: queue)
        case .cancel, .retry, .update:
            try await command(step, at: now)
        }
    }

    private mutating func command(_ step: HistoryStep, at now: Date) async throws {
        switch step {
        case .cancel(let plan):
            try await command(plan) { store, selection in
                try await store.cancel(selection, limit: 1)
            } model: { model, selection in
                model.cancel(selection, limit: 1000, at: now)
            }
        case .retry(let plan, var changes, let delay):
            changes.runAt = delay.map { now + $0 }
            try await command(plan) { [changes] store, selection in
                try await store.retry(selection, changes: changes, limit: 1)
            } model: { model, selection in
                model.retry(selection, changes: changes, limit: 1000, at: now)
            }
        case .update(let slot, var changes, let delay, let plan):
            let id = Self.id(slot)
            changes.runAt = delay.map { now + $0 }
            // Each by its own count: stores may count a step once or twice.
            func version(_ current: Int64?) -> Int64? {
                switch plan {
                case .any: nil
                case .current: current ?? 1
                case .other: (current ?? 1) + 1000
                }
            }
            let seen = try await store.update(id, changes: changes, expectedVersion: version(before[id]?.version))
            let expected = model.update(
                id,
                changes: changes,
                expectedVersion: version(model.record(id)?.version),
                at: now
            )
            try compare("the answer", expected.comparable, seen.comparable)
        default:
            break
        }
    }

    /// For ids the answers are compared. In which order a filter's tasks are taken is the store's choice, so the model
    /// follows it task by task, and must find nothing left in the end.
    private mutating func command(
        _ plan: SelectionPlan,
        store ask: (any TaskStore, TaskSelection) async throws -> [CommandResult],
        model expect: (inout StoreModel, TaskSelection) -> [CommandResult]
    ) async throws {
        switch plan {
        case .slots(let slots):
            let selection = TaskSelection.ids(slots.map(Self.id))
            let seen = try await ask(store, selection)
            try compare("the answer", expect(&model, selection).map(\.comparable), seen.map(\.comparable))
        case .matching(let filter):
            let selection = TaskSelection.matching(filter)
            for _ in 0...slots.count {
                let seen = try await ask(store, selection)
                if seen.isEmpty { break }
                let expected = expect(&model, .ids(seen.map(\.id)))
                try compare("the answer", expected.map(\.comparable), seen.map(\.comparable))
            }
            try compare("tasks that the filter selects and the store left", [], expect(&model, selection))
        }
    }

    // MARK: Looking

    private mutating func compareRecords() async throws {
        let ids = slots.sorted().map(Self.id)
        let seen = try await store.tasks(ids)
        for (slot, (id, record)) in zip(slots.sorted(), zip(ids, seen)) {
            try compare("task \(slot)", model.record(id)?.comparable, record?.comparable)
            if let record, let old = before[id], record.createdAt == old.createdAt {
                let grew = record == old || record.version > old.version
                guard grew else {
                    throw Mismatch(
                        what: "the version of task \(slot), which changed",
                        expected: "more than \(old.version)",
                        seen: "\(record.version)"
                    )
                }
            }
            before[id] = record
        }
    }

    private mutating func compareViews() async throws {
        let now = clock.now()
        for slot in slots.sorted() {
            let id = Self.id(slot)
            let seen = try await store.attempts(of: id)
            try compare(
                "the attempts of task \(slot)",
                model.attempts(of: id).map(\.comparable),
                seen.map(\.comparable)
            )
        }
        try compare("queues()", model.queues(at: now), try await store.queues())
        try compare("workers()", model.workerInfos(), try await store.workers())
        for filter in [TaskFilter.all, TaskFilter(statuses: [.queued, .failed], owner: "ada")] {
            for order in [TaskQuery.Order.newestFirst, .oldestFirst] {
                let query = TaskQuery(filter, order: order, limit: 1000)
                let seen = try await store.list(query)
                try compare(
                    "list, \(order)",
                    model.list(query).records.map(\.comparable),
                    seen.records.map(\.comparable)
                )
            }
            let query = StatisticsQuery(filter, window: .seconds(60))
            let seen = try await store.statistics(query)
            try compare("statistics", model.statistics(query, at: now).comparable, seen.comparable)
        }
    }

    /// Whatever changed must be named; naming more is harmless.
    private mutating func compareChanges() async throws {
        var named: Set<TaskID> = []
        while true {
            let page = try await store.changes(since: cursor, limit: 10)
            named.formUnion(page.ids)
            cursor = page.cursor
            if !page.isComplete { named.formUnion(model.changed) }
            if !page.hasMore { break }
        }
        let changed = Set(model.changed[changesSeen...])
        changesSeen = model.changed.count
        try compare("changes that were left out", [], changed.subtracting(named).sorted())
    }

    // MARK: From plans to requests

    private func task(_ plan: EnqueuePlan, at now: Date) -> NewTask {
        NewTask(
            id: Self.id(plan.slot),
            name: "task",
            input: JSONText(trusted: "\(plan.input)"),
            queue: plan.queue,
            priority: plan.priority,
            runAt: plan.delay.map { now + $0 },
            maxAttempts: plan.maxAttempts,
            timeout: plan.timeout,
            owner: plan.owner,
            idempotency: plan.key.map { IdempotencyKey($0, timeToLive: plan.timeToLive) },
            uniqueKey: plan.uniqueKey
        )
    }

    /// The lease that was given out, as the model's history knows it; one that never was, where there is none.
    private func lease(_ plan: LeasePlan) -> Lease {
        let attempts = model.attempts(of: Self.id(plan.slot))
        guard attempts.count > plan.age else { return Lease(task: Self.id(plan.slot), fence: 99, worker: .a) }
        let attempt = attempts[attempts.count - 1 - plan.age]
        return Lease(task: Self.id(plan.slot), fence: attempt.fence, worker: attempt.worker)
    }

    private func report(_ plan: ReportPlan) -> TaskReport {
        TaskReport(
            lease: lease(plan.lease),
            progress: plan.progress,
            metadata: plan.metadata,
            checkpoint: plan.checkpoint.map { JSONText(trusted: "\($0)") }
        )
    }

    private func finish(_ plan: FinishPlan, at now: Date) -> Finish {
        let outcome: Finish.Outcome =
            switch plan.outcome {
            case .done(let result, let followUps):
                .done(result: JSONText(trusted: "\(result)"), followUps: followUps.map { task($0, at: now) })
            case .failed(let delay): .failed(.boom, retryAfter: delay)
            case .timedOut(let delay): .timedOut(.boom, retryAfter: delay)
            case .cancelled: .cancelled
            case .snoozed(let delay): .snoozed(for: delay)
            case .released: .released
            }
        return Finish(lease: lease(plan.lease), outcome: outcome, report: plan.report.map(report))
    }
}
