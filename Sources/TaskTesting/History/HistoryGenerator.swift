#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// Makes random histories in which most steps do something, and some come too late, twice or for nobody.
struct HistoryGenerator {
    private var random: SplitMix64
    private var slots = 0
    private let workers: [WorkerID] = [.a, .b, .c]
    private let queues = ["q0", "q1"]

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func history(_ count: Int) -> [HistoryStep] { (0..<count).map { _ in step() } }

    private mutating func step() -> HistoryStep {
        switch pick(100) {
        case 0..<14: return .advance(duration())
        case 14..<34: return .enqueue((0...pick(3)).map { _ in plan() })
        case 34..<52:
            let asked = queues.shuffled(using: &random).prefix(1 + pick(2))
            return .claim(worker(), asked.map { .init($0, limit: [1, 1, 2, 5, 0][pick(5)]) })
        case 52..<60:
            return .beat(worker(), held: leases(), reports: (0..<pick(3)).map { _ in report(lease()) })
        case 60..<80: return .finish((0...pick(2)).map { _ in finish() })
        case 80..<82: return .retire(worker())
        case 82..<86: return .rescue
        case 86..<89: return .cancel(selection([nil, [.queued], [.running]]))
        case 89..<93:
            return .retry(selection([nil, [.failed], [.cancelled]]), changes(), runIn: chance(5) ? delay() : nil)
        case 93..<96:
            let version: [VersionPlan] = [.any, .current, .other]
            return .update(slot: slot(), changes(), runIn: chance(3) ? delay() : nil, version[pick(3)])
        case 96..<98: return .pause(chance(2), queue: queues[pick(2)])
        default: return .prune(policy())
        }
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    private mutating func chance(_ oneIn: Int) -> Bool { pick(oneIn) == 0 }
    private mutating func worker() -> WorkerID { workers[pick(3)] }

    /// Mostly one of the latest tasks.
    private mutating func slot() -> Int { chance(4) ? pick(max(1, slots)) : max(0, slots - 1 - pick(6)) }
    private mutating func lease() -> LeasePlan { LeasePlan(slot: slot(), age: chance(6) ? 1 : 0) }
    private mutating func leases() -> [LeasePlan] { (0..<pick(5)).map { _ in lease() } }

    /// Leases last 20 s: some steps keep them, some end them, one ends them at that moment.
    private mutating func duration() -> Duration {
        let choices: [Duration] = [
            .microseconds(1), .milliseconds(500), .seconds(1), .seconds(3), .seconds(7), .seconds(20),
            .seconds(20) + .microseconds(1), .seconds(45),
        ]
        return choices[pick(choices.count)]
    }

    private mutating func delay() -> Duration {
        let choices: [Duration] = [.zero, .microseconds(1), .seconds(1), .seconds(5), .seconds(30), .seconds(-5)]
        return choices[pick(choices.count)]
    }

    private mutating func plan() -> EnqueuePlan {
        let isAgain = slots > 0 && chance(12)
        if !isAgain { slots += 1 }
        var plan = EnqueuePlan(slot: isAgain ? slot() : slots - 1)
        plan.input = pick(2)
        plan.queue = queues[pick(2)]
        plan.priority = chance(3) ? pick(3) - 1 : 0
        plan.delay = chance(5) ? delay() : nil
        plan.maxAttempts = 1 + pick(4)
        plan.timeout = chance(4) ? .seconds(15) : nil
        plan.owner = [nil, "ada", "bob"][pick(3)]
        if chance(5) {
            plan.key = "k\(pick(3))"
            // A time that no sum of steps meets: whether a key lives at the very moment its time ends is nobody's promise.
            plan.timeToLive = chance(3) ? nil : .microseconds(13_370_137)
        }
        if chance(5) { plan.uniqueKey = "u\(pick(3))" }
        if chance(8) { plan.claimedBy = worker() }
        return plan
    }

    private mutating func report(_ lease: LeasePlan) -> ReportPlan {
        var plan = ReportPlan(lease: lease)
        if chance(2) {
            plan.progress = TaskProgress(
                processed: Double(pick(12)),
                total: [nil, 10, 100][pick(3)],
                message: "m\(pick(9))"
            )
        }
        if chance(3) { plan.metadata = ["m\(pick(2))": .int(Int64(pick(100)))] }
        if chance(3) { plan.checkpoint = pick(1000) }
        return plan
    }

    private mutating func finish() -> FinishPlan {
        let outcome: FinishPlan.Outcome =
            switch pick(12) {
            case 0..<4: .done(pick(1000), followUps: chance(4) ? [plan()] : [])
            case 4..<7: .failed(retryIn: chance(4) ? nil : delay())
            case 7: .timedOut(retryIn: chance(4) ? nil : delay())
            case 8: .cancelled
            case 9: .snoozed(delay())
            default: .released
            }
        let lease = lease()
        return FinishPlan(lease: lease, outcome: outcome, report: chance(4) ? report(lease) : nil)
    }

    private mutating func selection(_ statuses: [Set<TaskStatus>?]) -> SelectionPlan {
        guard chance(3) else { return .slots((0...pick(2)).map { _ in slot() }) }
        return .matching(
            TaskFilter(
                statuses: statuses[pick(statuses.count)],
                queues: chance(2) ? [queues[pick(2)]] : nil,
                owner: chance(2) ? "ada" : nil
            )
        )
    }

    private mutating func changes() -> TaskChanges {
        var changes = TaskChanges()
        if chance(3) { changes.input = JSONText(trusted: "\(pick(9))") }
        if chance(3) { changes.priority = pick(5) - 2 }
        if chance(4) { changes.maxAttempts = 1 + pick(4) }
        if chance(3) { changes.metadata = ["m\(pick(2))": .string("edited \(pick(9))")] }
        return changes
    }

    private mutating func policy() -> PrunePolicy {
        let ages: [Duration] = [.microseconds(5_000_137), .microseconds(33_000_137), .microseconds(90_000_137)]
        return chance(2) ? .finished(olderThan: ages[pick(3)]) : PrunePolicy(maxAge: [.done: ages[pick(3)]])
    }
}
