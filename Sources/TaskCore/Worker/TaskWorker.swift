public import Logging
public import ServiceLifecycle
import Synchronization

/// Claims tasks and runs them: a `Service` to run in a `ServiceGroup`, or by itself with ``run()``.
///
/// A worker that starts again is another worker. Run as many as you like, in one process or many, on one store.
public struct TaskWorker: Service {
    /// A queue and how many of its tasks may run at once in this worker.
    public struct Queue: Hashable, Sendable, ExpressibleByStringLiteral {
        /// The queue's name.
        public var name: String
        /// How many at once, 1 or more.
        public var concurrency: Int

        /// A queue; as many at once as the machine has processors unless said otherwise.
        public init(_ name: String, concurrency: Int? = nil) {
            self.name = name
            self.concurrency = max(1, concurrency ?? Processors.count)
        }

        /// The queue of that name.
        public init(stringLiteral name: String) { self.init(name) }
    }

    /// How a worker behaves; the defaults suit a service.
    public struct Configuration: Sendable {
        /// The queues it serves, in the order they are looked at.
        public var queues: [Queue]
        /// How long its tasks stay its own without a heartbeat.
        public var leaseDuration: Duration = .seconds(20)
        /// How often it says that it lives; well under half the lease.
        public var beatInterval: Duration = .seconds(5)
        /// How often it looks for other workers' lost tasks.
        public var sweepInterval: Duration = .seconds(5)
        /// How often it looks for work when no hint comes.
        public var pollInterval: Duration = .seconds(1)
        /// How long a drain waits for running handlers before it gives their tasks back.
        public var drainTimeout: Duration = .seconds(10)
        /// How long a handler that was told to stop may take before it is reported as stuck and its task given up.
        public var stopGrace: Duration = .seconds(5)

        /// The defaults, for these queues.
        public init(queues: [Queue] = ["default"]) { self.queues = queues }
    }

    /// The worker's name in the store.
    public let id: WorkerID
    private let manager: TaskManager
    private let configuration: Configuration
    private let registry: TaskRegistry
    private let logger: Logger

    /// A worker for the tasks of a manager's store.
    ///
    /// - Parameters:
    ///   - manager: Whose store it works on.
    ///   - queues: The queues it serves; `default` unless said otherwise.
    ///   - logger: What it logs to; the manager's unless said otherwise.
    ///   - definitions: The task types it can run.
    /// - Throws: `TaskError` with code `invalidInput` when two types have one name, a queue has no name or is named twice, or an
    ///   interval makes no sense.
    public init(
        _ manager: TaskManager,
        queues: Queue...,
        logger: Logger? = nil,
        @TaskDefinitionBuilder definitions: () -> [any TaskDefinition]
    ) throws {
        try self.init(
            manager,
            configuration: Configuration(queues: queues.isEmpty ? ["default"] : queues),
            logger: logger,
            definitions: definitions
        )
    }

    /// A worker for the tasks of a manager's store, configured in full.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when two types have one name, a queue has no name or is named twice, or an
    ///   interval makes no sense.
    public init(
        _ manager: TaskManager,
        configuration: Configuration,
        logger: Logger? = nil,
        @TaskDefinitionBuilder definitions: () -> [any TaskDefinition]
    ) throws {
        id = .make()
        self.manager = manager
        self.configuration = configuration
        registry = try TaskRegistry(definitions())
        var logger = logger ?? manager.logger
        logger[metadataKey: "worker"] = "\(id)"
        self.logger = logger
        guard Set(configuration.queues.map(\.name)).count == configuration.queues.count else {
            throw TaskError(.invalidInput, "A queue is named twice in the worker's configuration.")
        }
        guard !configuration.queues.contains(where: \.name.isEmpty) else {
            throw TaskError(.invalidInput, "A queue in the worker's configuration has no name.")
        }
        guard configuration.pollInterval > .zero, configuration.sweepInterval > .zero else {
            throw TaskError(.invalidInput, "The worker's poll and sweep intervals must be positive.")
        }
        guard configuration.beatInterval > .zero, configuration.beatInterval * 2 <= configuration.leaseDuration else {
            throw TaskError(.invalidInput, "The worker's beat interval must be positive and at most half its lease.")
        }
    }

    /// Works until the service group shuts down or the calling task is cancelled; then drains: claims no more, waits for running
    /// handlers up to the drain timeout, and gives back what it cannot finish without using up an attempt.
    public func run() async throws {
        let run = WorkerRun(
            id: id,
            store: manager.store,
            configuration: configuration,
            registry: registry,
            logger: logger
        )
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await run.run()
            } onGracefulShutdown: {
                run.drain()
            }
        } onCancel: {
            run.drain()
        }
    }

    /// Works while a closure runs, then drains: for scripts and tests.
    public func whileRunning<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let run = WorkerRun(
            id: id,
            store: manager.store,
            configuration: configuration,
            registry: registry,
            logger: logger
        )
        let working = Task { await run.run() }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        run.drain()
        await working.value
        return try result.get()
    }
}
