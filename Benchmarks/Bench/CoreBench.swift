import Foundation
import Logging
import TaskCore

/// The core on the memory store: what the library itself costs.
enum CoreBench {
    private static let tasks = 300_000
    private static let runs = 5

    static func run(_ table: inout BenchTable) async throws {
        try await throughput(&table)
        try await progress(&table)
        try await idle(&table)
    }

    /// No-op tasks from enqueue to done: on one core in rounds as a service has them, on one core as one large backlog, on all cores.
    private static func throughput(_ table: inout BenchTable) async throws {
        try Affinity.useOneCore()
        try await throughput("one core, rounds of 10k", round: 10_000, reference: 300_000, &table)
        try await throughput("one core, backlog of 300k", round: tasks, reference: 300_000, &table)
        try await storeAlone(&table)
        try Affinity.useAllCores()
        try await throughput("all cores, rounds of 10k", round: 10_000, reference: nil, &table)
    }

    private static func throughput(
        _ name: String,
        round: Int,
        reference: Double?,
        _ table: inout BenchTable
    ) async throws {
        var perSecond: [Double] = []
        for _ in 0..<runs {
            let manager = try await TaskManager(store: MemoryTaskStore(), logger: .silent)
            let worker = try TaskWorker(manager, queues: .init("default", concurrency: 500)) { NoOp() }
            let seconds = try await Measure.seconds {
                try await worker.whileRunning {
                    for _ in 0..<tasks / round {
                        for _ in 0..<round / 1000 {
                            try await manager.enqueue(NoOp.self, all: Array(repeating: NoValue(), count: 1000))
                        }
                        try await manager.drained()
                    }
                }
            }
            perSecond.append(Double(tasks) / seconds)
            await manager.close()
        }
        table.add("memory no-ops, \(name)", Measure.median(perSecond), "tasks/s", reference: reference)
    }

    /// The store without worker and handlers: enqueue, claim and finish in batches of 1000.
    private static func storeAlone(_ table: inout BenchTable) async throws {
        var perCore: [Double] = []
        for _ in 0..<runs {
            let store = MemoryTaskStore()
            let processor = Measure.processorSeconds
            for _ in 0..<tasks / 1000 {
                _ = try await store.enqueue((0..<1000).map { _ in EnqueueRequest(NewTask(name: "no-op")) })
                let request = ClaimRequest(worker: WorkerID(rawValue: "bench"), queues: [.init("default", limit: 1000)])
                let claimed = try await store.claim(request).tasks
                _ = try await store.finish(
                    claimed.map { Finish(lease: $0.lease, outcome: .done(result: .null, followUps: [])) }
                )
            }
            perCore.append(Double(tasks) / (Measure.processorSeconds - processor))
        }
        table.add("memory store alone, one core", Measure.median(perCore), "tasks/s")
    }

    /// Progress calls of one task without a pause: what a call costs, and how often the store is written to.
    private static func progress(_ table: inout BenchTable) async throws {
        let store = MemoryTaskStore()
        let manager = try await TaskManager(store: store, logger: .silent)
        let worker = try TaskWorker(manager) { Report() }
        var nanoseconds: [Double] = []
        var writes: [Double] = []
        for _ in 0..<runs {
            try await worker.whileRunning {
                let handle = try await manager.enqueue(Report.self)
                let spent = try await handle.value
                let record = try await handle.record
                nanoseconds.append(spent / Double(Report.calls) * 1e9)
                // Every version but those of enqueue, claim, the first report, and the outcome with the last one.
                writes.append(Double(record.version - 5) / spent)
            }
        }
        table.add("progress call", Measure.median(nanoseconds), "ns", reference: 300)
        table.add("progress writes while calls never pause", Measure.median(writes), "1/s", reference: 4)
    }

    private static func idle(_ table: inout BenchTable) async throws {
        let manager = try await TaskManager(store: MemoryTaskStore(), logger: .silent)
        let worker = try TaskWorker(manager) { NoOp() }
        try await worker.whileRunning {
            let processor = Measure.processorSeconds
            try await Task.sleep(for: .seconds(5))
            table.add("idle worker, memory", (Measure.processorSeconds - processor) / 5 * 100, "% CPU", reference: 1)
        }
    }
}

/// Does nothing.
struct NoOp: TaskDefinition {
    static let name = "no-op"
    func run(_ input: NoValue, context: TaskContext) async throws -> NoValue { NoValue() }
}

/// Reports progress for about two seconds without a pause and returns how many seconds that took.
struct Report: TaskDefinition {
    static let name = "report"
    static let calls = 40_000_000
    func run(_ input: NoValue, context: TaskContext) async throws -> Double {
        await Measure.seconds { for call in 1...Self.calls { context.report(Double(call), of: Double(Self.calls)) } }
    }
}

extension Logger {
    /// A logger that says nothing.
    static let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
}

extension TaskManager {
    /// Returns when no task is queued or running.
    func drained() async throws {
        while try await !queues().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    }
}
