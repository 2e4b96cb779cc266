import Synchronization
import TaskCore

/// What several processes did, until it is enough.
final class Tally: Sendable {
    private let numbers = Mutex<[Int: Int]>([:])
    private let goal: Int

    init(_ goal: Int) { self.goal = goal }

    func set(_ index: Int, _ number: Int) { numbers.withLock { $0[index] = number } }
    var sum: Int { numbers.withLock { $0.values.reduce(0, +) } }
    var isReached: Bool { sum >= goal }
}

enum LatencyMeasure {
    private static let seconds = 5

    /// From the call to enqueue to the start of the handler, in another process where the store allows, in milliseconds.
    static func run(
        _ place: BenchPlace,
        _ manager: TaskManager,
        perSecond: Int
    ) async throws -> Ranks {
        if case .memory = place.kind { return try await inProcess(manager, perSecond) }
        let helper = try Helper(place, concurrency: 16)
        try await helper.waitUntilReady()
        helper.go()
        // The first ones open connections.
        try await enqueue(manager, perSecond: perSecond, seconds: 1)
        try await enqueue(manager, perSecond: perSecond, seconds: seconds)
        while try await !place.isDrained(manager) { try await Task.sleep(for: .milliseconds(20)) }
        return Ranks(nanoseconds: await helper.stop().latencies.dropFirst(perSecond))
    }

    private static func inProcess(_ manager: TaskManager, _ perSecond: Int) async throws -> Ranks {
        let counter = Counter()
        let worker = try WorkerProcess.worker(manager, concurrency: 16, counter)
        try await worker.whileRunning { try await enqueue(manager, perSecond: perSecond, seconds: seconds) }
        return Ranks(nanoseconds: counter.latencies)
    }

    private static func enqueue(_ manager: TaskManager, perSecond: Int, seconds: Int) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<perSecond * seconds {
                try await Task.sleep(until: start + .seconds(1) * Double(number) / Double(perSecond))
                group.addTask { try await manager.enqueue(Stamp.self, Stamp.now()) }
            }
            try await group.waitForAll()
        }
    }
}
