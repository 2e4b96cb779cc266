import Foundation
import TaskCore
import TaskStoreSQLite

/// The SQLite store against SQLite itself, durable (`synchronous = FULL`), a fresh file for every run.
enum SQLiteBench {
    private static let tasks = 100_000
    private static let batch = 1000
    private static let runs = 5

    static func run(_ table: inout BenchTable) async throws {
        try await throughput(&table)
        if ProcessInfo.processInfo.environment["BENCH_QUICK"] != nil { return }
        try await backlog(&table)
        try await latency(&table)
        try await idle(&table)
    }

    /// Wall and processor time of some runs of one thing.
    private struct Runs {
        var seconds: [Double] = []
        var processorSeconds: [Double] = []

        mutating func add(_ body: () async throws -> Void) async rethrows {
            let before = Measure.processorSeconds
            seconds.append(try await Measure.seconds(body))
            processorSeconds.append(Measure.processorSeconds - before)
        }

        var perSecond: Double { Double(tasks) / Measure.median(seconds) }
        var processorMicroseconds: Double { Measure.median(processorSeconds) * 1e6 / Double(tasks) }
    }

    /// Bulk enqueue and drain; store and ceiling take turns, medians. Processor time tells the same on a busy machine.
    private static func throughput(_ table: inout BenchTable) async throws {
        var enqueues = Runs()
        var drains = Runs()
        var rawEnqueues = Runs()
        var rawDrains = Runs()
        let batches = (0..<tasks / batch).map { _ in
            (0..<batch).map {
                NewTask(name: "image.variants", input: JSONText(trusted: "{\"path\":\"photo-\($0).jpg\"}"))
            }
        }
        for _ in 0..<runs {
            try await withDirectory { path in
                let ceiling = try SQLiteCeiling(path: path)
                try await rawEnqueues.add { for batch in batches { try ceiling.enqueue(batch) } }
                try await rawDrains.add { try ceiling.drain(queue: "default", batch: batch) }
            }
            try await withStore { store in
                let requests = batches.map { $0.map { EnqueueRequest($0) } }
                try await enqueues.add { for batch in requests { _ = try await store.enqueue(batch) } }
                try await drains.add { try await drain(store) }
            }
        }
        for (name, store, raw) in [
            ("sqlite bulk enqueue, batches of 1000", enqueues, rawEnqueues),
            ("sqlite claim + finish, batches of 1000", drains, rawDrains),
        ] {
            table.add(name, store.perSecond, "tasks/s", reference: raw.perSecond)
            table.add(
                name + ", processor",
                store.processorMicroseconds,
                "µs/task",
                reference: raw.processorMicroseconds
            )
        }
    }

    /// Claims of 10 ready tasks behind a million scheduled ones, and drain with a backlog of a million.
    private static func backlog(_ table: inout BenchTable) async throws {
        let million = 1_000_000
        try await withStore { store in
            let later = Date().addingTimeInterval(3600)
            try await fill(store, million) {
                NewTask(name: "later", runAt: later.addingTimeInterval(Double($0) / 1000))
            }
            var times: [Double] = []
            for _ in 0..<50 {
                _ = try await store.enqueue((0..<10).map { _ in EnqueueRequest(NewTask(name: "now")) })
                times.append(try await Measure.seconds { _ = try await claim(store, 10) })
            }
            table.add("sqlite claim of 10 behind 1 M scheduled, median", Measure.median(times) * 1000, "ms")
        }
        try await withStore { store in
            try await fill(store, million) { _ in NewTask(name: "now") }
            let seconds = try await Measure.seconds {
                for _ in 0..<100 { try await finish(store, try await claim(store, batch)) }
            }
            table.add("sqlite claim + finish with a backlog of 1 M", 100 * Double(batch) / seconds, "tasks/s")
        }
    }

    /// One enqueue at a time, alone and by 64 callers at once, who share commits.
    private static func latency(_ table: inout BenchTable) async throws {
        try await withStore { store in
            var times: [Double] = []
            for _ in 0..<500 {
                times.append(
                    try await Measure.seconds { _ = try await store.enqueue([EnqueueRequest(NewTask(name: "one"))]) }
                )
            }
            table.add("sqlite enqueue of one, p50", Measure.percentile(0.5, times) * 1000, "ms")
            table.add("sqlite enqueue of one, p99", Measure.percentile(0.99, times) * 1000, "ms")
            let seconds = try await Measure.seconds {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<64 {
                        group.addTask {
                            for _ in 0..<200 { _ = try await store.enqueue([EnqueueRequest(NewTask(name: "one"))]) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            table.add("sqlite enqueue one by one, 64 callers", 64 * 200 / seconds, "tasks/s")
        }
    }

    /// What listening for other processes' commits costs while nothing happens.
    private static func idle(_ table: inout BenchTable) async throws {
        try await withStore { store in
            let listener = Task { for await _ in store.signals(.work) {} }
            try await Task.sleep(for: .milliseconds(200))
            let before = Measure.processorSeconds
            let seconds = try await Measure.seconds { try await Task.sleep(for: .seconds(5)) }
            table.add("sqlite store idle with a listener", (Measure.processorSeconds - before) / seconds * 100, "% CPU")
            listener.cancel()
        }
    }

    // MARK: Steps

    private static let worker = WorkerID(rawValue: "w-0123456789abc")

    private static func claim(_ store: SQLiteTaskStore, _ limit: Int) async throws -> [ClaimedTask] {
        let request = ClaimRequest(worker: worker, queues: [.init("default", limit: limit)])
        return try await store.claim(request).tasks
    }

    private static func finish(_ store: SQLiteTaskStore, _ tasks: [ClaimedTask]) async throws {
        _ = try await store.finish(tasks.map { Finish(lease: $0.lease, outcome: .done(result: .null, followUps: [])) })
    }

    private static func drain(_ store: SQLiteTaskStore) async throws {
        while true {
            let tasks = try await claim(store, batch)
            if tasks.isEmpty { return }
            try await finish(store, tasks)
        }
    }

    private static func fill(_ store: SQLiteTaskStore, _ count: Int, _ task: (Int) -> NewTask) async throws {
        for start in stride(from: 0, to: count, by: 5000) {
            _ = try await store.enqueue((start..<start + 5000).map { EnqueueRequest(task($0)) })
        }
    }

    private static func withStore(_ body: (SQLiteTaskStore) async throws -> Void) async throws {
        try await withDirectory { path in
            let store = try await SQLiteTaskStore(path: path)
            try await store.migrate()
            try await body(store)
            await store.close()
        }
    }

    /// Runs a body with the path of a database in a new directory, which is deleted afterwards.
    private static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.appendingPathComponent("tasks.sqlite").path)
    }
}
