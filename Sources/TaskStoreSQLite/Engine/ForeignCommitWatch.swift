import Foundation
import GRDB
import TaskCore

/// Notices what other processes commit to the file, and passes it on as signals.
///
/// Asks SQLite for `data_version` at an interval, on a thread that lives only while somebody listens; when it changed, reads from the
/// change log what the commits were hints of. Commits of this instance were signalled by its writer.
// Unchecked: everything mutable is read and written under `condition` only.
final class ForeignCommitWatch: @unchecked Sendable {
    private let condition = NSCondition()
    private var isRunning = false
    private var isClosed = false

    private let path: String
    private let origin: Int64
    private let interval: Duration
    private let board: SignalBoard
    private let ended = Ending()

    init(path: String, origin: Int64, interval: Duration, board: SignalBoard) {
        self.path = path
        self.origin = origin
        self.interval = interval
        self.board = board
    }

    /// Watches from now on, until nobody listens any more.
    func start() {
        condition.lock()
        defer { condition.unlock() }
        guard !isRunning, !isClosed else { return }
        isRunning = true
        startBlockingThread("sqlite-watch") { self.loop() }
    }

    /// Ends the watch, and returns when its connection is closed.
    func close() async {
        endSoon()
        await ended.wait()
    }

    private func endSoon() {
        condition.lock()
        isClosed = true
        if !isRunning { ended.finish() }
        condition.broadcast()
        condition.unlock()
    }

    private func loop() {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(1)
        // A file that cannot be opened now is tried again at the next interval.
        var queue: DatabaseQueue?
        var version: Int64?
        var seen: Int64?
        while goesOn() {
            queue = queue ?? (try? DatabaseQueue(path: path, configuration: configuration))
            queue?.unsafeRead { db in
                guard let found = try? Self.look(db, since: version, seen: seen, origin: origin) else { return }
                version = found.version
                seen = found.seen ?? seen
                board.ring(found.kinds.signals)
            }
        }
        try? queue?.close()
        condition.lock()
        if isClosed, !isRunning { ended.finish() }
        condition.unlock()
    }

    /// Waits for the interval; false when the watch is over.
    private func goesOn() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        if !isClosed { _ = condition.wait(until: Date(timeIntervalSinceNow: interval.inSeconds)) }
        if !isClosed, board.hasListeners() { return true }
        // Decided under the lock: whoever listens next starts a new thread.
        isRunning = false
        return false
    }

    private struct Finding {
        var version: Int64
        var seen: Int64?
        var kinds: ChangeKinds = []
    }

    private static func look(_ db: Database, since version: Int64?, seen: Int64?, origin: Int64) throws -> Finding {
        let ask = try SQLStatement(db, "PRAGMA data_version")
        let current = try ask.step() ? ask.int64(0) : 0
        ask.reset()
        var finding = Finding(version: current)
        guard version != current else { return finding }
        let newest = try ChangeLog.newestNumber(db)
        // What was committed since somebody began to listen and before this first look is unknown; so it is when the log was made anew.
        guard let seen, seen <= newest else {
            finding.seen = newest
            finding.kinds = [.work, .changes, .cancellations]
            return finding
        }
        let rows = try SQLStatement(db, SQLText.changeKinds)
        rows.bind(1, seen)
        defer { rows.reset() }
        while try rows.step() {
            finding.seen = rows.int64(0)
            if rows.int64(2) != origin {
                finding.kinds.formUnion(ChangeKinds(rawValue: UInt8(truncatingIfNeeded: rows.int64(1))))
            }
        }
        return finding
    }
}
