import GRDB
import GRDBSQLite
import Synchronization
import TaskCore

/// The one writer of this process: whatever waits joins one durable transaction, and is answered after its commit.
///
/// Its thread is our own, so that a heartbeat gets through while handlers block Swift's pool. There is no timer: while one
/// transaction is written to the disk, the next one gathers. Requests share a transaction without a savepoint each, whose page copies
/// would cost every request; when one fails, the transaction is rolled back and each request runs again in its own.
final class GroupCommitWriter: Sendable {
    /// How many requests share a transaction at most, so that nobody waits long for others' work.
    private static let groupLimit = 256

    private let queue = BlockingQueue<any QueuedWrite>()
    private let pool: DatabasePool
    private let clock: any TaskClock
    private let board: SignalBoard
    private let busyWait: BusyWait
    /// Says which commits are this instance's.
    let origin: Int64
    private let ended = Ending()

    init(pool: DatabasePool, clock: any TaskClock, board: SignalBoard, busyWait: BusyWait, origin: Int64) {
        self.pool = pool
        self.clock = clock
        self.board = board
        self.busyWait = busyWait
        self.origin = origin
        startBlockingThread("sqlite-writer") { self.loop() }
    }

    /// Runs a request within the next transaction. It may run twice, the first run rolled back.
    func write<Answer: Sendable>(
        _ body: @escaping @Sendable (WriteTransaction) throws -> Answer
    ) async throws -> Answer {
        let call = PendingCall<Answer>()
        return try await call.wait { queue.append(WriteRequest(call: call, body: body)) }
    }

    /// Takes no more requests; those accepted are still answered.
    func closeSoon() { queue.close() }

    /// Takes no more requests, and returns when those accepted have been answered.
    func close() async {
        closeSoon()
        await ended.wait()
    }

    private func loop() {
        var keeper = WALKeeper(busyWait: busyWait)
        let log = LogLength()
        pool.writeWithoutTransaction { log.follow($0) }
        while case let waiting = queue.waitForAny(), waiting > 0 {
            pool.writeWithoutTransaction { db in
                commitNext(waiting, db)
                keeper.tidy(db, pages: log.pages)
            }
        }
        // So that the file alone holds everything, for whoever copies it; other processes' readers are not waited for.
        pool.writeWithoutTransaction { db in keeper.copyAll(db) }
        ended.finish()
    }

    /// Commits what waits once the file's lock is had: until then callers still join, and may still go.
    ///
    /// - Parameter waiting: How many waited when the wait for the lock began; if it is not had in time, it is they who are told.
    private func commitNext(_ waiting: Int, _ db: Database) {
        do {
            try SQLStatement(db, "BEGIN IMMEDIATE").run()
        } catch {
            for request in queue.take(atMost: waiting) { request.fail(TaskError.from(error)) }
            return
        }
        let group = queue.take(atMost: Self.groupLimit).filter { $0.begin() }
        do {
            try commit(group, db)
        } catch {
            rollBack(db)
            if group.count == 1 { return group[0].fail(TaskError.from(error)) }
            commitOneByOne(group, db)
        }
    }

    /// One of a group failed: each gets a transaction of its own.
    private func commitOneByOne(_ group: [any QueuedWrite], _ db: Database) {
        for (index, request) in group.enumerated() {
            do {
                try SQLStatement(db, "BEGIN IMMEDIATE").run()
            } catch {
                // Whoever did not get the lock now need not wait for it again, one after the other.
                for request in group[index...] { request.fail(TaskError.from(error)) }
                return
            }
            do {
                try commit([request], db)
            } catch {
                rollBack(db)
                request.fail(TaskError.from(error))
            }
        }
    }

    /// Runs and commits requests within the transaction that was begun.
    private func commit(_ group: [any QueuedWrite], _ db: Database) throws {
        let transaction = WriteTransaction(db: db, clock: clock, origin: origin)
        for request in group { try request.run(transaction) }
        try transaction.writeChangeLog()
        try SQLStatement(db, "COMMIT").run()
        board.ring(transaction.kinds.signals)
        for request in group { request.succeed() }
    }

    private func rollBack(_ db: Database) {
        // A full disk or a failed write may have rolled back already.
        guard sqlite3_get_autocommit(db.sqliteConnection) == 0 else { return }
        try? SQLStatement(db, "ROLLBACK").run()
    }
}

/// A request on the writer's queue, whatever its answer.
protocol QueuedWrite: Sendable {
    func begin() -> Bool
    func run(_ transaction: WriteTransaction) throws
    func succeed()
    func fail(_ error: any Error)
}

private final class WriteRequest<Answer: Sendable>: QueuedWrite {
    private let call: PendingCall<Answer>
    private let body: @Sendable (WriteTransaction) throws -> Answer
    private let answer = Mutex<Answer?>(nil)

    init(call: PendingCall<Answer>, body: @escaping @Sendable (WriteTransaction) throws -> Answer) {
        self.call = call
        self.body = body
    }

    func begin() -> Bool { call.begin() }

    func run(_ transaction: WriteTransaction) throws {
        let result = try body(transaction)
        answer.withLock { $0 = result }
    }

    func succeed() {
        if let result = answer.withLock({ $0 }) { call.resume(.success(result)) }
    }

    func fail(_ error: any Error) { call.resume(.failure(error)) }
}

/// How long the write-ahead log was at the last commit, as SQLite tells.
private final class LogLength {
    private(set) var pages: Int32 = 0

    /// The object must live as long as the connection is used.
    func follow(_ db: Database) {
        let hook: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            context,
            _,
            _,
            pages in
            if let context { Unmanaged<LogLength>.fromOpaque(context).takeUnretainedValue().pages = pages }
            return SQLITE_OK
        }
        sqlite3_wal_hook(db.sqliteConnection, hook, Unmanaged.passUnretained(self).toOpaque())
    }
}
