import Logging
public import TaskCore

/// Tasks in PostgreSQL (13 or later), for many workers on many machines.
///
/// What is answered is committed as durably as the database's `synchronous_commit` says. Time is the server's. Call ``migrate()`` before
/// anything else. See `Docs/postgres.md` for rights, PgBouncer and tuning.
public final class PostgresTaskStore: Sendable {
    private let settings: ConnectionSettings
    private let work: Lane
    private let looks: Lane
    private let beats: Lane
    private let enqueues: EnqueueBatcher
    private let messenger: Messenger
    private let board = SignalBoard()
    private let closing = Ending()
    private let floors = ClaimFloors()
    private let logger: Logger
    private let retention: PrunePolicy?

    /// Prepares connections, which are opened when they are needed first.
    ///
    /// - Parameters:
    ///   - address: What libpq takes: `postgres://user:password@host:5432/database?sslmode=verify-full` or `host=… dbname=…`; what it leaves
    ///     open comes from libpq's environment variables, password and service files.
    ///   - options: How the database is used.
    /// - Throws: `TaskError` with code `invalidInput` when address or options make no sense.
    public init(_ address: String, options: Options = Options()) throws {
        try SQLText.check(schema: options.schema)
        guard options.callTimeout > .zero, options.connectTimeout > .zero else {
            throw TaskError(.invalidInput, "The store's timeouts must be positive.")
        }
        let target = try ConnectionTarget(address)
        settings = ConnectionSettings(
            target: target,
            sql: SQLText(schema: options.schema, time: options.clock == nil ? "now()" : TestClock.expression),
            callTimeout: options.callTimeout,
            connectTimeout: options.connectTimeout,
            preparedStatements: options.preparedStatements,
            testClock: options.clock,
            telemetry: PostgresTelemetry()
        )
        logger = options.logger
        retention = options.retention
        let connections = max(2, options.connections)
        messenger = try Messenger(
            settings.listening(at: try options.listenAddress.map { try ConnectionTarget($0) }),
            listens: options.listens,
            board: board,
            logger: logger
        )
        work = Lane("work", connections: connections - connections / 2, settings.for(.work))
        looks = Lane("look", connections: connections / 2, settings)
        beats = Lane("beat", connections: 1, settings.for(.work))
        enqueues = EnqueueBatcher(work, messenger, floors)
    }

    /// Brings the schema to a version, down too; tables of versions above it are dropped with what is in them. 0 is an empty schema.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch` when this program does not know the database's version or the asked one.
    public func migrate(to version: Int) async throws { try await migrate(.current, to: version) }

    /// The database's schema version, 0 before the first migration.
    public func schemaVersion() async throws -> Int {
        try await looks.call(.repeatable) { try Schema.state($0).version }
    }

    /// The newest schema version that this program knows, which ``migrate()`` brings a database to.
    public static var latestSchemaVersion: Int { Schema.current.latest }

    /// The SQL that leads from one schema version to another, for databases that others migrate.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch` when this program does not know one of the versions.
    public func migrationScript(from: Int = 0, to: Int = latestSchemaVersion) throws -> String {
        let known = 0...Schema.current.latest
        guard known.contains(from), known.contains(to) else {
            throw TaskError(
                .schemaMismatch,
                "This program knows the schema versions \(known.lowerBound) to \(known.upperBound)."
            )
        }
        return Schema.current.script(settings.sql, from: from, to: to)
    }

    /// Stores tasks on connections of the caller's, within its transactions.
    public var transactionalEnqueue: PostgresTransactionalEnqueue { PostgresTransactionalEnqueue(settings.sql) }

    package func migrate(_ schema: Schema, to version: Int?) async throws {
        let (from, to) = try await work.call(.repeatable) { try schema.migrate($0, to: version) }
        if from != to { logger.info("schema migrated", metadata: ["from": "\(from)", "to": "\(to)"]) }
    }

    /// Tidies up, when it is time and nobody else's turn. Sweeps bring it about, of which every worker makes some.
    private func maintain() async {
        do {
            let report = try await looks.call(.once) { [retention] in try $0.maintain(retention) }
            if !report.pruned.isEmpty {
                logger.info("pruned finished tasks", metadata: ["tasks": "\(report.pruned.values.reduce(0, +))"])
            }
            if let health = report.health { warn(of: health) }
        } catch {
            logger.warning("maintenance failed; it is tried again", metadata: ["error": "\(error)"])
        }
    }

    private func warn(of health: Maintenance.Health) {
        settings.telemetry.found(health)
        if health.isPinned {
            logger.warning(
                "an old transaction keeps PostgreSQL from removing dead rows, which makes claims slower and tables larger; see pg_stat_activity",
                metadata: ["seconds": "\(health.oldestSnapshot)"]
            )
        } else if health.needsVacuum {
            logger.warning(
                "the table of live tasks holds many dead rows; look whether autovacuum runs, or VACUUM it",
                metadata: ["dead": "\(health.deadRows)", "live": "\(health.liveRows)"]
            )
        }
    }

    /// Runs a write, and tells of it once it is committed.
    private func write<Answer: Sendable>(
        _ repeatability: Repeatability,
        on lane: Lane? = nil,
        until deadline: ContinuousClock.Instant? = nil,
        _ body: @escaping @Sendable (Session) throws -> Written<Answer>
    ) async throws -> Answer {
        let written = try await (lane ?? work).call(repeatability, until: deadline, body)
        if written.signals.contains(.work) { floors.reset() }
        messenger.announce(written.signals)
        return written.answer
    }

    deinit {
        // A store that was dropped without close() still lets its threads end.
        for lane in [work, looks, beats] { lane.closeSoon() }
        messenger.closeSoon()
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// What each method owes is written on the protocol.
extension PostgresTaskStore: TaskStore {
    public func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        guard !tasks.isEmpty else { return [] }
        // By itself: what shares a transaction with them is not to blame.
        for request in tasks { try request.task.checkRanges() }
        // Both ways together may take as long as one call.
        let deadline = work.deadline
        if tasks.allSatisfy(\.isPlain),
            let results = try await enqueues.enqueueNew(tasks.map(\.task), until: deadline)
        {
            return results
        }
        return try await write(.repeatable, until: deadline) { try $0.enqueue(tasks) }
    }

    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        let places = floors.places(of: request.queues.map(\.queue), at: .now)
        let claimed = try await write(.once) { try $0.claim(request, from: places) }
        for end in claimed.ends {
            floors.claimed(
                end.queue,
                to: end.place,
                tasks: end.tasks,
                wasFromBeginning: end.wasFromBeginning,
                in: end.duration
            )
        }
        return claimed.reply
    }

    public func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        // One that is late is of no use; the next one is on its way.
        try await write(.repeatable, on: beats, until: .now + beat.leaseDuration / 4) { try $0.beat(beat) }
    }

    public func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        guard !finishes.isEmpty else { return [] }
        for case .done(_, let followUps) in finishes.lazy.map(\.outcome) {
            for task in followUps { try task.checkRanges() }
        }
        return try await write(.once) { try $0.finish(finishes) }
    }

    public func retire(_ worker: WorkerID) async throws {
        try await write(.repeatable) { try $0.retire(worker) }
    }

    public func rescue(limit: Int) async throws -> RescueReport {
        let report = try await write(.repeatable) { try $0.rescue(limit: limit) }
        await maintain()
        return report
    }

    public func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await write(.repeatable) { try $0.cancel(selection, limit: limit) }
    }

    public func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        let changes = try changes.validated()
        return try await write(.repeatable) { try $0.retry(selection, changes: changes, limit: limit) }
    }

    public func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        let changes = try changes.validated()
        return try await write(.once) { try $0.update(id, changes: changes, expectedVersion: expectedVersion) }
    }

    public func setPaused(_ paused: Bool, queue: String) async throws {
        try await write(.repeatable) { try $0.setPaused(paused, queue: queue) }
    }

    public func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try await write(.once) { try $0.prune(policy, limit: limit) }
    }

    public func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await looks.call(.repeatable) { try $0.tasks(ids) }
    }

    public func list(_ query: TaskQuery) async throws -> TaskPage {
        try await looks.call(.repeatable) { try $0.list(query) }
    }

    public func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try await looks.call(.repeatable) { try $0.statistics(query) }
    }

    public func attempts(of id: TaskID) async throws -> [Attempt] {
        try await looks.call(.repeatable) { try $0.attempts(of: id) }
    }

    public func queues() async throws -> [QueueInfo] {
        try await looks.call(.repeatable) { try $0.queues() }
    }

    public func workers() async throws -> [WorkerInfo] {
        try await looks.call(.repeatable) { try $0.workers() }
    }

    public func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try await looks.call(.repeatable) { try ChangeLog.page($0, since: cursor, limit: limit) }
    }

    public func signals(_ kind: SignalKind) -> AsyncStream<Void> {
        let stream = board.stream(kind)
        messenger.listen()
        return stream
    }

    public func migrate() async throws { try await migrate(.current, to: nil) }

    public func close() async {
        guard closing.begin() else { return await closing.wait() }
        for lane in [work, looks, beats] { lane.closeSoon() }
        for lane in [work, looks, beats] { await lane.close() }
        await messenger.close()
        board.finish()
        closing.finish()
    }
}
