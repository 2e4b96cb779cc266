import GRDB
public import TaskCore

/// Tasks in one SQLite file, which several processes on one machine may open at the same time.
///
/// What is answered has been written durably (see ``Options/Durability``): calls that wait at the same time share one commit. Reads never
/// wait for writes. Call ``migrate()`` before anything else. The file must be on a local disk: SQLite's locks do not work across machines.
public final class SQLiteTaskStore: Sendable {
    private let pool: DatabasePool
    private let writer: GroupCommitWriter
    private let readers: ReaderThreads
    private let watch: ForeignCommitWatch
    private let board = SignalBoard()
    private let clock: any TaskClock
    private let leniency = SweepLeniency()
    private let closing = Ending()

    /// Opens the file, which is made if there is none; its directory must exist.
    ///
    /// - Throws: `TaskError` with code `storeUnavailable` when it cannot be opened, is not an SQLite database or may not be written, and
    ///   `invalidInput` when the path is not one of a file.
    public init(path: String, options: Options = Options()) async throws {
        let busyWait = BusyWait(timeout: options.busyTimeout)
        // Opening may wait for another process's lock.
        pool = try await Self.onOwnThread {
            try SQLiteFile.openPool(path: path, options: options, busyWait: busyWait)
        }
        clock = options.clock
        let origin = Int64.random(in: .min ... .max)
        writer = GroupCommitWriter(pool: pool, clock: clock, board: board, busyWait: busyWait, origin: origin)
        readers = ReaderThreads(pool: pool, count: max(1, options.readers))
        watch = ForeignCommitWatch(path: path, origin: origin, interval: options.pollInterval, board: board)
    }

    /// Brings the schema to a version, down too; tables of versions above it are dropped with what is in them. 0 is an empty file.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch` when this program does not know the file's version or the asked one.
    public func migrate(to version: Int) async throws {
        try await write { try Schema.current.migrate($0.db, to: version) }
    }

    /// The schema version of the file, 0 before the first migration.
    public func schemaVersion() async throws -> Int {
        try await read { db, _ in try Schema.version(db) }
    }

    /// The newest schema version that this program knows, which ``migrate()`` brings a file to.
    public static var latestSchemaVersion: Int { Schema.current.latest }

    private func write<Answer: Sendable>(
        _ body: @escaping @Sendable (WriteTransaction) throws -> Answer
    ) async throws -> Answer {
        try await writer.write(body)
    }

    private func read<Answer: Sendable>(
        _ body: @escaping @Sendable (Database, any TaskClock) throws -> Answer
    ) async throws -> Answer {
        try await readers.read { [clock] db in try body(db, clock) }
    }

    private static func onOwnThread<Answer: Sendable>(
        _ body: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            startBlockingThread("sqlite-open") { continuation.resume(with: Result(catching: body)) }
        }
    }

    deinit {
        // A store that was dropped without close() still lets its threads end.
        readers.closeSoon()
        writer.closeSoon()
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// What each method owes is written on the protocol.
extension SQLiteTaskStore: TaskStore {
    public func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult] {
        try await write { try $0.enqueue(tasks) }
    }

    public func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        while true {
            if let reply = try await write({ try $0.claim(request) }) { return reply }
        }
    }

    public func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        try await write { try $0.beat(beat) }
    }

    public func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        try await write { try $0.finish(finishes) }
    }

    public func retire(_ worker: WorkerID) async throws {
        try await write { try $0.retire(worker) }
    }

    public func rescue(limit: Int) async throws -> RescueReport {
        let asked = clock.now()
        return try await write { [clock, leniency] in
            if leniency.mayPass(over: clock.now() > asked + SweepLeniency.patience) { return RescueReport() }
            return try $0.rescue(limit: limit)
        }
    }

    public func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult] {
        try await write { try $0.cancel(selection, limit: limit) }
    }

    public func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult] {
        try await write { try $0.retry(selection, changes: changes, limit: limit) }
    }

    public func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult {
        try await write { try $0.update(id, changes: changes, expectedVersion: expectedVersion) }
    }

    public func setPaused(_ paused: Bool, queue: String) async throws {
        try await write { try $0.setPaused(paused, queue: queue) }
    }

    public func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int] {
        try await write { try $0.prune(policy, limit: limit) }
    }

    public func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await read { db, _ in try Reads.tasks(db, ids) }
    }

    public func list(_ query: TaskQuery) async throws -> TaskPage {
        try await read { db, _ in try Reads.list(db, query) }
    }

    public func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics {
        try await read { try StatisticsReader.read($0, query, at: $1.now().normalized) }
    }

    public func attempts(of id: TaskID) async throws -> [Attempt] {
        try await read { db, _ in try Reads.attempts(db, of: id) }
    }

    public func queues() async throws -> [QueueInfo] {
        try await read { try Reads.queues($0, at: $1.now().normalized) }
    }

    public func workers() async throws -> [WorkerInfo] {
        try await read { db, _ in try Reads.workers(db) }
    }

    public func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage {
        try await read { db, _ in try ChangeLog.page(db, since: cursor, limit: limit) }
    }

    public func signals(_ kind: SignalKind) -> AsyncStream<Void> {
        let stream = board.stream(kind)
        watch.start()
        return stream
    }

    public func migrate() async throws {
        try await migrate(to: Schema.current.latest)
    }

    public func close() async {
        guard closing.begin() else { return await closing.wait() }
        await writer.close()
        await readers.close()
        await watch.close()
        try? pool.close()
        board.finish()
        closing.finish()
    }
}
