/// Which queues a worker serves and how many tasks of each it may run at once: a pure state machine over counts.
struct WorkerSlots {
    private var capacity: [String: Int]
    private var used: [String: Int] = [:]
    private let order: [String]
    private var isDraining = false
    private var isClaiming = false
    /// Work may have appeared since the claim under way was sent.
    private var mustClaimAgain = true

    enum Action: Equatable {
        /// Ask the store for at most so many of each queue.
        case claim([ClaimRequest.QueueLimit])
        /// Nothing to do until something happens.
        case wait
        /// No more claims, ever.
        case stop
    }

    init(_ queues: [(name: String, concurrency: Int)]) {
        order = queues.map(\.name)
        capacity = Dictionary(queues.map { ($0.name, max(0, $0.concurrency)) }) { first, _ in first }
    }

    /// Whether no queue has a free slot.
    var isFull: Bool { order.allSatisfy { used[$0, default: 0] >= capacity[$0, default: 0] } }

    var running: Int { used.values.reduce(0, +) }

    /// Something happened: a hint, a poll's time, or slots that became free.
    mutating func workMayBeReady() { mustClaimAgain = true }

    mutating func drain() { isDraining = true }

    /// What to do now.
    mutating func next() -> Action {
        if isDraining { return .stop }
        guard !isClaiming, mustClaimAgain else { return .wait }
        let limits = order.compactMap { name in
            let free = (capacity[name] ?? 0) - (used[name] ?? 0)
            return free > 0 ? ClaimRequest.QueueLimit(name, limit: free) : nil
        }
        guard !limits.isEmpty else { return .wait }
        isClaiming = true
        mustClaimAgain = false
        return .claim(limits)
    }

    /// A claim was answered with so many tasks; a queue that filled its limit may have more.
    mutating func claimed(_ counts: [String: Int], of limits: [ClaimRequest.QueueLimit]) {
        isClaiming = false
        for (queue, count) in counts { used[queue, default: 0] += count }
        if limits.contains(where: { counts[$0.queue] ?? 0 >= $0.limit }) { mustClaimAgain = true }
    }

    /// A claim failed: try again when told to.
    mutating func claimFailed() { isClaiming = false }

    /// Attempts of these queues ended and their finishes were acknowledged.
    mutating func freed(_ counts: [String: Int]) {
        for (queue, count) in counts {
            let wasFull = used[queue, default: 0] >= capacity[queue, default: 0]
            used[queue, default: 0] -= count
            if wasFull { mustClaimAgain = true }
        }
    }
}
