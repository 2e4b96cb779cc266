#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
public import TaskCore

/// What a drain did.
public struct DrainReport: Sendable {
    /// How many attempts were run.
    public var attempts: Int
    /// Active tasks that are left, at most 1000: due after the end, in a paused queue, or run by somebody else.
    public var remaining: [TaskRecord]
}

/// A drain that could not come to its end.
public struct DrainFailure: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let description: String
}

extension TaskManager {
    /// Runs everything that is due, then moves the clock to what is due next and runs that, until nothing is left: retries,
    /// snoozes, delays and follow-ups take no time at all.
    ///
    /// A real worker does the work, on one task of each queue at a time. Tasks of workers that are dead by the clock are rescued.
    ///
    /// - Parameters:
    ///   - end: How far the clock may be moved; tasks due later are left.
    ///   - clock: The clock that the manager's store was made with.
    ///   - maxAttempts: How many attempts may be run: tasks that call each other for ever come to an end here.
    ///   - definitions: The task types to run.
    /// - Throws: ``DrainFailure`` when there were too many attempts, or the store does not follow the clock; `TaskError` when the
    ///   store does not answer.
    @discardableResult
    public func drain(
        until end: Date = .distantFuture,
        clock: ManualClock,
        maxAttempts: Int = 10_000,
        @TaskDefinitionBuilder definitions: () -> [any TaskDefinition]
    ) async throws -> DrainReport {
        let types = definitions()
        let driven = DrivenStore(store, maxClaims: maxAttempts)
        let manager = try await TaskManager(store: driven, migrating: false)
        let drainer = WorkerID.make(prefix: "drain")
        while true {
            _ = try await store.rescue(limit: 10_000)
            let queues = try await store.queues().filter { !$0.isPaused }
            let ready = queues.filter { $0.ready > 0 }.map(\.name)
            if !ready.isEmpty {
                try await manager.work(on: ready, through: driven, types)
                guard !driven.isExhausted else { throw DrainFailure.tooMany(maxAttempts) }
                continue
            }
            let limits = queues.map { ClaimRequest.QueueLimit($0.name, limit: 0) }
            let next = try await store.claim(ClaimRequest(worker: drainer, queues: limits)).nextRunAt
            guard let next, next <= end else { break }
            guard next > clock.now() else { throw DrainFailure.anotherClock }
            clock.set(next)
        }
        try await store.retire(drainer)
        let left = TaskQuery(TaskFilter(statuses: [.queued, .running]), order: .oldestFirst, limit: 1000)
        return DrainReport(attempts: driven.claimed, remaining: try await store.list(left).records)
    }

    /// Lets a worker run until nothing of these queues is ready and it runs nothing.
    private func work(on names: [String], through driven: DrivenStore, _ types: [any TaskDefinition]) async throws {
        var configuration = TaskWorker.Configuration(queues: names.map { .init($0, concurrency: 1) })
        configuration.pollInterval = .milliseconds(20)
        let worker = try TaskWorker(self, configuration: configuration) { types }
        let served = Set(names)
        try await worker.whileRunning {
            for await _ in driven.events {
                let waiting = try await driven.queues().contains {
                    served.contains($0.name) && !$0.isPaused && $0.ready > 0
                }
                let running = try await driven.workers().first { $0.id == worker.id }?.running ?? 0
                if running == 0, !waiting || driven.isExhausted { break }
            }
        }
    }
}

extension DrainFailure {
    fileprivate static func tooMany(_ count: Int) -> DrainFailure {
        DrainFailure(
            description:
                "The drain ran \(count) attempts and there is still work. Tasks that enqueue or snooze each other for "
                + "ever need an `until`; a larger workload needs a larger `maxAttempts`."
        )
    }

    fileprivate static let anotherClock = DrainFailure(
        description:
            "The store's next task is due by the clock, and the store does not hand it out: was the store made with the "
            + "clock that is passed to the drain?"
    )
}
