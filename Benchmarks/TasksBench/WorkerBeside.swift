import TaskCore

/// What a worker noted, told at its end.
struct LastWords: Sendable {
    var peakKiB = 0
    var latencies: [Int64] = []
    /// When the handler of a task noticed that it was cancelled, by ``Stamp/now()``.
    var noticed: [TaskID: Int64] = [:]
}

/// A worker that works while something is measured: another process's, or this one's where tasks are in memory.
enum WorkerBeside {
    /// - Parameter body: Gets what waits until that many handlers have begun since the worker did.
    static func run(
        _ place: BenchPlace,
        _ manager: TaskManager,
        concurrency: Int,
        _ body: (_ haveBegun: (Int) async throws -> Void) async throws -> Void
    ) async throws -> LastWords {
        if case .memory = place.kind {
            let counter = Counter()
            let worker = try WorkerProcess.worker(manager, concurrency: concurrency, counter)
            try await worker.whileRunning {
                try await body { count in
                    while counter.count < count { try await Task.sleep(for: .milliseconds(2)) }
                }
            }
            return LastWords(latencies: counter.latencies, noticed: counter.noticed)
        }
        let helper = try Helper(place, concurrency: concurrency)
        try await helper.waitUntilReady()
        helper.go()
        try await body { count in
            while let line = await helper.lines.next() {
                if line.hasPrefix("ran "), let number = Int(line.dropFirst(4)), number >= count { return }
            }
            throw BenchError("a worker process ended")
        }
        return await helper.stop()
    }
}
