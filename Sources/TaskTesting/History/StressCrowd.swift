#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// What the actors of a stress run were told by the store.
struct StressJournal: Sendable {
    /// Ids that an enqueue, or a follow-up of an accepted finish, acknowledged.
    var acknowledged: Set<TaskID> = []
    /// Claims handed out, once for each time.
    var claims: [Lease] = []
    /// Accepted finishes and the status they answered.
    var finishes: [(lease: Lease, ended: Attempt.Outcome, status: TaskStatus)] = []
    /// Records of done tasks, read when they were acknowledged as done.
    var done: [TaskRecord] = []
    /// Retries that an operator was told of, by task.
    var retries: [TaskID: Int] = [:]
    /// Calls that changed something while others ran, to see that the run was worth something.
    var staleFinishes = 0
    var rescued = 0
    var isOver = false
}

/// The actors of a stress run.
struct StressCrowd: Sendable {
    let probe: StoreProbe
    let seed: UInt64
    let workers: Int
    let tasks: Int
    let journal = Shared(StressJournal())

    private static let queues = ["q0", "q1"]

    func hammer() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<workers { group.addTask { try await work(number) } }
            group.addTask { try await sweep() }
            group.addTask { try await operate() }
            try await withThrowingTaskGroup(of: Void.self) { producers in
                for number in 0..<2 { producers.addTask { try await produce(number) } }
                try await producers.waitForAll()
            }
            // Whatever was produced gets a fair number of rounds more.
            for _ in 0..<200 { await Task.yield() }
            journal.change { $0.isOver = true }
            try await group.waitForAll()
        }
    }

    private var isOver: Bool { journal.current.isOver || Task.isCancelled }

    private func random(_ actor: Int) -> SplitMix64 { SplitMix64(seed: seed &* 1000 &+ UInt64(actor)) }

    private func produce(_ number: Int) async throws {
        var random = random(100 + number)
        for index in 0..<(tasks / 2) {
            let task = NewTask(
                name: "stress",
                input: JSONText(trusted: "\(index % 3)"),
                queue: Self.queues.randomElement(using: &random) ?? "q0",
                priority: Int.random(in: -1...1, using: &random),
                maxAttempts: Int.random(in: 1...4, using: &random),
                timeout: Int.random(in: 0..<4, using: &random) == 0 ? .seconds(12) : nil,
                idempotency: index % 5 == 0 ? IdempotencyKey("k\(index % 50)", timeToLive: nil) : nil,
                uniqueKey: index % 7 == 0 ? "u\(index % 3)" : nil
            )
            let results = try await probe.enqueue(task)
            let ids = results.compactMap { $0.insertedID ?? $0.existingID }
            journal.change { $0.acknowledged.formUnion(ids) }
            await Task.yield()
        }
    }

    private func work(_ number: Int) async throws {
        var random = random(number)
        let worker = WorkerID(rawValue: "worker-\(number)")
        var held: [ClaimedTask] = []
        while !isOver {
            let claimed = try await probe.claim(
                by: worker,
                limit: Int.random(in: 1...4, using: &random),
                from: Self.queues
            )
            journal.change { $0.claims += claimed.map(\.lease) }
            held += claimed
            if Bool.random(using: &random) {
                let reports = held.map {
                    TaskReport(
                        lease: $0.lease,
                        progress: TaskProgress(processed: Double.random(in: 0...9, using: &random), total: 9)
                    )
                }
                let leases = held.map(\.lease)
                let beat = WorkerBeat(worker: worker, held: leases, reports: reports)
                let lost = try await probe.store.beat(beat).lost
                // Half of the time a zombie does not listen, and tries to finish what it lost.
                if Bool.random(using: &random) { held.removeAll { lost.contains($0.lease) } }
            }
            if Int.random(in: 0..<8, using: &random) == 0 { try await freeze() }
            held.shuffle(using: &random)
            let count = Int.random(in: 0...held.count, using: &random)
            try await finish(Array(held.prefix(count)), using: &random)
            held.removeFirst(count)
            await Task.yield()
        }
    }

    /// Shows no sign of life until any lease has run out, as a stopped process does.
    private func freeze() async throws {
        let end = probe.now.addingTimeInterval(25)
        while !isOver, probe.now < end { await Task.yield() }
    }

    private func finish(_ claimed: [ClaimedTask], using random: inout SplitMix64) async throws {
        var plans: [(Finish, Attempt.Outcome, [TaskID])] = []
        for task in claimed {
            let followUp = NewTask(name: "follow-up", queue: "q1", maxAttempts: 2)
            let (outcome, ended): (Finish.Outcome, Attempt.Outcome) =
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<4: (.done(result: .null, followUps: []), .done)
                case 4: (.done(result: .null, followUps: [followUp]), .done)
                case 5..<7: (.failed(.boom, retryAfter: .zero), .failed)
                case 7: (.snoozed(for: .zero), .snoozed)
                case 8: (.released, .released)
                default: (.failed(.boom, retryAfter: nil), .failed)
                }
            var followUps: [TaskID] = []
            if case .done(_, let tasks) = outcome { followUps = tasks.map(\.id) }
            plans.append((Finish(lease: task.lease, outcome: outcome), ended, followUps))
        }
        let results = try await probe.store.finish(plans.map(\.0))
        for (plan, result) in zip(plans, results) {
            journal.change { journal in
                guard case .accepted(let status) = result else { return journal.staleFinishes += 1 }
                journal.finishes.append((plan.0.lease, plan.1, status))
                journal.acknowledged.formUnion(plan.2)
            }
            if result == .accepted(.done) {
                let record = try await probe.record(plan.0.lease.task)
                journal.change { $0.done.append(record) }
            }
        }
    }

    private func sweep() async throws {
        while !isOver {
            probe.advance(.seconds(3))
            let report = try await probe.store.rescue(limit: 20)
            journal.change { $0.rescued += report.total }
            for _ in 0..<20 { await Task.yield() }
        }
    }

    private func operate() async throws {
        var random = random(200)
        while !isOver {
            let page = try await probe.store.list(TaskQuery(limit: 20))
            if let record = page.records.randomElement(using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: _ = try await probe.cancel(record.id)
                case 1: try await retry(record.id)
                case 2: _ = try await probe.update(record.id, TaskChanges(priority: 1), expectedVersion: record.version)
                default:
                    try await probe.store.setPaused(true, queue: "q1")
                    await Task.yield()
                    try await probe.store.setPaused(false, queue: "q1")
                }
            }
            for _ in 0..<10 { await Task.yield() }
        }
        try await probe.store.setPaused(false, queue: "q1")
    }

    private func retry(_ id: TaskID) async throws {
        guard try await probe.retry(id).acceptedStatus != nil else { return }
        journal.change { $0.retries[id, default: 0] += 1 }
    }

    /// One worker brings everything to an end.
    func settle() async throws {
        let last = WorkerID(rawValue: "last")
        for _ in 0..<10_000 {
            probe.advance(.seconds(30))
            _ = try await probe.store.rescue(limit: 1000)
            let claimed = try await probe.claim(by: last, from: Self.queues)
            let finishes = claimed.map { Finish(lease: $0.lease, outcome: .done(result: .null, followUps: [])) }
            let results = try await probe.store.finish(finishes)
            journal.change { journal in
                journal.claims += claimed.map(\.lease)
                for (task, result) in zip(claimed, results) {
                    if case .accepted(let status) = result { journal.finishes.append((task.lease, .done, status)) }
                }
            }
            if try await probe.store.queues().isEmpty { return }
        }
        throw probe.failure("settling", expected: "no active task", seen: try await probe.store.queues())
    }
}
