import Logging
import TaskCore

/// A logger that says nothing, so that what tests provoke does not fill their output.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Greets whom it is given.
struct Greet: TaskDefinition {
    static let name = "greet"
    func run(_ input: String, context: TaskContext) async throws -> String { "Hello, \(input)!" }
}

/// Runs a closure, retried at once.
struct Run: TaskDefinition {
    static let name = "run"
    static let defaults = TaskDefaults(maxAttempts: 3, retry: .fixed(.zero))
    let body: @Sendable (TaskContext) async throws -> String
    init(_ body: @escaping @Sendable (TaskContext) async throws -> String) { self.body = body }
    func run(_ input: NoValue, context: TaskContext) async throws -> String { try await body(context) }
}

func makeManager(_ store: any TaskStore = MemoryTaskStore()) async throws -> TaskManager {
    try await TaskManager(store: store, logger: quiet)
}

extension TaskManager {
    /// Runs a worker with these types while the body runs.
    func working<Result>(
        concurrency: Int = 4,
        configure: (inout TaskWorker.Configuration) -> Void = { _ in },
        @TaskDefinitionBuilder _ definitions: () -> [any TaskDefinition],
        body: () async throws -> Result
    ) async throws -> Result {
        var configuration = TaskWorker.Configuration(queues: [.init("default", concurrency: concurrency)])
        configure(&configuration)
        return try await TaskWorker(self, configuration: configuration, definitions: definitions).whileRunning(body)
    }

    /// Waits until a task has a status, and returns its record.
    func wait(for id: TaskID, toBe status: TaskStatus) async throws -> TaskRecord {
        for try await update in updates(of: id) where update.record.status == status { return update.record }
        throw TaskError(.wrongStatus, "the task ended without becoming \(status)")
    }
}
