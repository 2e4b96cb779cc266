import Foundation
import TaskCore
import TaskStoreSQLite

/// Whole programs: a manager and a worker on a durable SQLite file.
enum WorkerBench {
    private static let tasks = 100_000
    private static let runs = 3

    static func run(_ table: inout BenchTable) async throws {
        var drains: [Double] = []
        for _ in 0..<runs {
            try await withManager { manager in
                for _ in 0..<tasks / 1000 {
                    try await manager.enqueue(NoOp.self, all: Array(repeating: NoValue(), count: 1000))
                }
                let worker = try TaskWorker(manager, queues: .init("default", concurrency: 2000)) { NoOp() }
                let seconds = try await Measure.seconds {
                    try await worker.whileRunning { try await manager.drained() }
                }
                drains.append(Double(tasks) / seconds)
                let done = try await manager.statistics().counts[.done]
                guard done == tasks else {
                    throw TaskError(.storeUnavailable, "\(done ?? 0) of \(tasks) tasks are done")
                }
            }
        }
        table.add("sqlite drain through the worker, full records", Measure.median(drains), "tasks/s", reference: 80_000)

        try await withManager { manager in
            let worker = try TaskWorker(manager) { Stamp() }
            var latencies: [Double] = []
            try await worker.whileRunning {
                for _ in 0..<500 {
                    let enqueued = Date().timeIntervalSince1970
                    latencies.append(try await manager.enqueue(Stamp.self).value - enqueued)
                }
            }
            table.add("sqlite enqueue to handler, p50", Measure.percentile(0.5, latencies) * 1000, "ms")
            table.add("sqlite enqueue to handler, p99", Measure.percentile(0.99, latencies) * 1000, "ms")
        }
    }

    private static func withManager(_ body: (TaskManager) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try await SQLiteTaskStore(path: directory.appendingPathComponent("tasks.sqlite").path)
        let manager = try await TaskManager(store: store, logger: .silent)
        try await body(manager)
        await manager.close()
    }
}

/// Returns when it was started, in seconds since 1970.
private struct Stamp: TaskDefinition {
    static let name = "stamp"
    func run(_ input: NoValue, context: TaskContext) async throws -> Double { Date().timeIntervalSince1970 }
}
