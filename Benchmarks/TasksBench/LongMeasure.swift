import TaskCore

/// Tasks enqueued and drained for long, with as many waiting all the time.
enum LongMeasure {
    private static let waiting = 50_000
    private static let batch = 1000

    /// - Returns: Tasks a second in each tenth of the run.
    static func run(
        _ place: BenchPlace,
        _ manager: TaskManager,
        _ count: Int,
        processes: Int,
        concurrency: Int
    ) async throws -> [Double] {
        let waiting = max(batch, min(waiting, count / 10))
        _ = try await EnqueueMeasure.bulk(manager, waiting)
        let helpers = try (0..<processes).map { _ in try Helper(place, concurrency: concurrency) }
        for helper in helpers { try await helper.waitUntilReady() }
        let ran = Tally(count)
        let start = ContinuousClock.now
        for helper in helpers { helper.go() }
        let ends = try await withThrowingTaskGroup(of: [ContinuousClock.Instant].self) { group in
            for (index, helper) in helpers.enumerated() {
                group.addTask {
                    while !ran.isReached {
                        guard let line = await helper.lines.next() else { throw BenchError("a worker process ended") }
                        if line.hasPrefix("ran "), let number = Int(line.dropFirst(4)) { ran.set(index, number) }
                    }
                    return []
                }
            }
            // To the end, so that the last tenth is like the others.
            group.addTask {
                try await enqueue(manager, waiting, ran)
                return []
            }
            group.addTask { try await endsOfTenths(ran, count) }
            var ends: [ContinuousClock.Instant] = []
            for try await found in group { ends += found }
            return ends
        }
        for helper in helpers { _ = await helper.stop() }
        return zip(ends, [start] + ends).map { Double(count) / 10 / (($0 - $1) / .seconds(1)) }
    }

    /// Keeps that many waiting until enough have run.
    private static func enqueue(_ manager: TaskManager, _ waiting: Int, _ ran: Tally) async throws {
        var enqueued = waiting
        var fewest = waiting
        while !ran.isReached {
            let missing = waiting - (enqueued - ran.sum)
            fewest = min(fewest, waiting - missing)
            guard missing > 0 else {
                try await Task.sleep(for: .milliseconds(2))
                continue
            }
            // Two batches at once, for a single stream of them may be slower than the workers.
            _ = try await EnqueueMeasure.bulk(manager, 2 * batch)
            enqueued += 2 * batch
        }
        say("  of \(waiting) waiting never fewer than \(fewest)")
    }

    private static func endsOfTenths(_ ran: Tally, _ count: Int) async throws -> [ContinuousClock.Instant] {
        var ends: [ContinuousClock.Instant] = []
        while ends.count < 10 {
            try await Task.sleep(for: .milliseconds(2))
            while ends.count < 10, ran.sum * 10 >= count * (ends.count + 1) { ends.append(.now) }
        }
        return ends
    }
}
