import TaskCore

/// What a claim costs with many tasks waiting, against few: both in the same run, turn by turn.
enum BacklogMeasure {
    private static let few = 10_000
    private static let worker = WorkerID(rawValue: "tasks-bench")
    private static let batch = 500
    private static let batchesPerRound = 2
    private static let rounds = 20
    private static let roundsBefore = 2

    /// - Returns: Claims and finishes a second, with 10 000 and with `many` tasks waiting.
    static func run(_ place: BenchPlace, _ many: Int) async throws -> (few: Double, many: Double) {
        var seconds = [0.0, 0.0]
        try await place.withFreshStore { small in
            try await place.beside("many").withFreshStore { large in
                _ = try await EnqueueMeasure.bulk(small, few)
                _ = try await EnqueueMeasure.bulk(large, many)
                for round in 0..<roundsBefore + rounds {
                    var turns = Array([small, large].enumerated())
                    if round.isMultiple(of: 2) { turns.reverse() }
                    for (index, manager) in turns {
                        let time = try await ContinuousClock().measure { try await claimAndFinish(manager) }
                        if round >= roundsBefore { seconds[index] += time / .seconds(1) }
                        // Those that wait stay as many as they were.
                        _ = try await EnqueueMeasure.bulk(manager, batch * batchesPerRound)
                    }
                }
            }
        }
        let tasks = Double(rounds * batchesPerRound * batch)
        return (tasks / seconds[0], tasks / seconds[1])
    }

    private static func claimAndFinish(_ manager: TaskManager) async throws {
        for _ in 0..<batchesPerRound {
            let request = ClaimRequest(worker: worker, queues: [.init("default", limit: batch)])
            let tasks = try await manager.store.claim(request).tasks
            let results = try await manager.store.finish(
                tasks.map { Finish(lease: $0.lease, outcome: .done(result: .null, followUps: [])) }
            )
            guard tasks.count == batch, results.allSatisfy({ $0 == .accepted(.done) }) else {
                throw BenchError("a claim answered \(tasks.count) of \(batch) tasks, or a finish was refused")
            }
        }
    }
}
