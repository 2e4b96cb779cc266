public import Logging
import Tracing

/// The facade that a service holds: enqueue, look, command, follow.
///
/// Make one per store and process. Everything works from any process that can open the store.
public final class TaskManager: Sendable {
    /// The store, as wrapped for logs, metrics and traces.
    package let store: any TaskStore
    /// What the manager and its workers log to.
    package let logger: Logger
    let isTracing = InstrumentationSystem.isTracing
    let hub: UpdateHub
    let driver: HandDriver

    /// A manager on a store, whose schema is brought up to date first.
    ///
    /// - Parameters:
    ///   - store: Where tasks live.
    ///   - logger: What the manager and its workers log to.
    ///   - migrating: False where somebody else brings the schema up to date.
    /// - Throws: `TaskError` with code `schemaMismatch` or `storeUnavailable`.
    public init(store: any TaskStore, logger: Logger = Logger(label: "taskcore"), migrating: Bool = true) async throws {
        if migrating { try await store.migrate() }
        let observed = ObservedTaskStore(store)
        self.store = observed
        self.logger = logger
        hub = UpdateHub(store: observed, logger: logger)
        driver = HandDriver(store: observed, logger: logger)
    }

    /// Finishes what was accepted and closes the store; end workers first.
    public func close() async {
        await driver.stop()
        await store.close()
    }
}
