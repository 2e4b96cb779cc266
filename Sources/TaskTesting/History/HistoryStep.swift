#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// One step of a random history, complete in itself: it can be played after any other steps, so a history can be shortened.
///
/// Tasks are named by a number (`slot`), leases by how many claims ago they were given out.
enum HistoryStep: Sendable {
    case advance(Duration)
    case enqueue([EnqueuePlan])
    case claim(WorkerID, [ClaimRequest.QueueLimit])
    case beat(WorkerID, held: [LeasePlan], reports: [ReportPlan])
    case finish([FinishPlan])
    case retire(WorkerID)
    case rescue
    case cancel(SelectionPlan)
    case retry(SelectionPlan, TaskChanges, runIn: Duration?)
    case update(slot: Int, TaskChanges, runIn: Duration?, VersionPlan)
    case pause(Bool, queue: String)
    case prune(PrunePolicy)
}

struct EnqueuePlan: Sendable {
    var slot: Int
    var input = 0
    var queue = "q0"
    var priority = 0
    var delay: Duration?
    var maxAttempts = 3
    var timeout: Duration?
    var owner: String?
    var key: String?
    var timeToLive: Duration?
    var uniqueKey: String?
    var claimedBy: WorkerID?
}

/// The lease of a slot's claim: the newest, or one `age` claims older.
struct LeasePlan: Sendable, Hashable {
    var slot: Int
    var age = 0
}

struct ReportPlan: Sendable {
    var lease: LeasePlan
    var progress: TaskProgress?
    var metadata: TaskMetadata = [:]
    var checkpoint: Int?
}

struct FinishPlan: Sendable {
    enum Outcome: Sendable {
        case done(Int, followUps: [EnqueuePlan])
        case failed(retryIn: Duration?)
        case timedOut(retryIn: Duration?)
        case cancelled
        case snoozed(Duration)
        case released
    }
    var lease: LeasePlan
    var outcome: Outcome
    var report: ReportPlan?
}

enum SelectionPlan: Sendable {
    case slots([Int])
    case matching(TaskFilter)
}

enum VersionPlan: Sendable {
    case any, current, other
}

extension HistoryStep {
    /// The same in steps of one item each; itself where there is nothing to take apart.
    var parts: [HistoryStep] {
        switch self {
        case .enqueue(let plans) where plans.count > 1: plans.map { .enqueue([$0]) }
        case .finish(let plans) where plans.count > 1: plans.map { .finish([$0]) }
        case .cancel(.slots(let slots)) where slots.count > 1: slots.map { .cancel(.slots([$0])) }
        case .retry(.slots(let slots), let changes, let delay) where slots.count > 1:
            slots.map { .retry(.slots([$0]), changes, runIn: delay) }
        default: [self]
        }
    }
}

extension HistoryStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .advance(let duration): "advance the clock by \(duration)"
        case .enqueue(let plans): "enqueue \(plans.map(\.description).joined(separator: " and "))"
        case .claim(let worker, let queues):
            "\(worker) claims \(queues.map { "\($0.limit) of \($0.queue)" }.joined(separator: ", "))"
        case .beat(let worker, let held, let reports):
            "\(worker) beats, holding [\(held.map(\.description).joined(separator: ", "))]"
                + reports.map { ", reporting \($0)" }.joined()
        case .finish(let plans): "finish \(plans.map(\.description).joined(separator: " and "))"
        case .retire(let worker): "retire \(worker)"
        case .rescue: "rescue"
        case .cancel(let selection): "cancel \(selection)"
        case .retry(let selection, let changes, let delay):
            "retry \(selection)\(changes.brief)\(delay.map { ", in \($0)" } ?? "")"
        case .update(let slot, let changes, let delay, let version):
            "update task \(slot)\(changes.brief)\(delay.map { ", to run in \($0)" } ?? ""), expecting \(version) version"
        case .pause(let isPaused, let queue): "\(isPaused ? "pause" : "let go") \(queue)"
        case .prune(let policy): "prune \(policy.maxAge.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })"
        }
    }
}

extension EnqueuePlan: CustomStringConvertible {
    var description: String {
        var parts = ["task \(slot)", "input \(input)", "\(queue)", "maxAttempts \(maxAttempts)"]
        if priority != 0 { parts.append("priority \(priority)") }
        if let delay { parts.append("in \(delay)") }
        if let timeout { parts.append("timeout \(timeout)") }
        if let owner { parts.append("owner \(owner)") }
        if let key { parts.append("key \(key) for \(timeToLive.map { "\($0)" } ?? "ever")") }
        if let uniqueKey { parts.append("unique \(uniqueKey)") }
        if let claimedBy { parts.append("claimed by \(claimedBy)") }
        return "(\(parts.joined(separator: ", ")))"
    }
}

extension LeasePlan: CustomStringConvertible {
    var description: String { age == 0 ? "task \(slot)" : "task \(slot), \(age) claims ago" }
}

extension ReportPlan: CustomStringConvertible {
    var description: String {
        var parts = ["\(lease)"]
        if let progress { parts.append("\(progress.processed) of \(progress.total.map { "\($0)" } ?? "?")") }
        if !metadata.isEmpty { parts.append("metadata \(metadata.values)") }
        if let checkpoint { parts.append("checkpoint \(checkpoint)") }
        return "(\(parts.joined(separator: ": ")))"
    }
}

extension FinishPlan: CustomStringConvertible {
    var description: String {
        let how =
            switch outcome {
            case .done(let result, let followUps): "done with \(result)" + followUps.map { ", then \($0)" }.joined()
            case .failed(let delay): "failed, \(delay.map { "retry in \($0)" } ?? "for good")"
            case .timedOut(let delay): "timed out, \(delay.map { "retry in \($0)" } ?? "for good")"
            case .cancelled: "cancelled"
            case .snoozed(let delay): "snoozed for \(delay)"
            case .released: "released"
            }
        return "\(lease) as \(how)\(report.map { ", reporting \($0)" } ?? "")"
    }
}

extension SelectionPlan: CustomStringConvertible {
    var description: String {
        switch self {
        case .slots(let slots): "tasks \(slots)"
        case .matching(let filter):
            "all of \(filter.statuses.map { "\($0.sorted())" } ?? "any status")"
                + ", \(filter.queues.map { "\($0.sorted())" } ?? "any queue"), owner \(filter.owner ?? "any")"
        }
    }
}

extension TaskChanges {
    fileprivate var brief: String {
        var parts: [String] = []
        if let input { parts.append("input \(input)") }
        if let priority { parts.append("priority \(priority)") }
        if let maxAttempts { parts.append("maxAttempts \(maxAttempts)") }
        if !metadata.isEmpty { parts.append("metadata \(metadata.values)") }
        return parts.isEmpty ? "" : " with \(parts.joined(separator: ", "))"
    }
}
