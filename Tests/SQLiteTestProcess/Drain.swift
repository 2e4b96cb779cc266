import Synchronization
import TaskCore
import TaskStoreSQLite

/// A worker that runs tasks until its input ends, then says how many it ran.
enum Drain {
    static func run(path: String) async throws {
        let store = try await SQLiteTaskStore(path: path)
        let tasks = try await TaskManager(store: store)
        var configuration = TaskWorker.Configuration(queues: [.init("default", concurrency: 64)])
        // No look finds what a lost hint was about: only the hints do.
        configuration.pollInterval = .seconds(3600)
        let worker = try TaskWorker(tasks, configuration: configuration) { Square() }
        try await worker.whileRunning {
            say("ready \(worker.id)")
            while await inputLine() != nil {}
        }
        say("ran \(Square.runs.load(ordering: .sequentiallyConsistent))")
        await tasks.close()
    }
}

/// Computes next to nothing, and counts how often.
struct Square: TaskDefinition {
    static let name = "square"
    static let runs = Atomic(0)

    func run(_ input: Int, context: TaskContext) async throws -> Int {
        Self.runs.add(1, ordering: .sequentiallyConsistent)
        return input * input
    }
}
