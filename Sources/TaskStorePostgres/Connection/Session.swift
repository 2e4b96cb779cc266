import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A connection for the time of one call, with its deadline and the statements of its schema.
///
/// Lives on the connection's thread; waits there.
final class Session {
    let sql: SQLText
    private let connection: PostgresConnection
    private let deadline: ContinuousClock.Instant
    private let clock: TestClock?
    /// What every transaction begins with.
    private let prefix: [Command]

    init(
        _ connection: PostgresConnection,
        _ sql: SQLText,
        deadline: ContinuousClock.Instant,
        clock: TestClock?,
        prefix: [Command] = []
    ) {
        self.connection = connection
        self.sql = sql
        self.deadline = deadline
        self.clock = clock
        self.prefix = prefix
    }

    /// Runs commands as one transaction, or as the next part of the one that was begun, and a hint that others may miss after it.
    func run(_ commands: [Command], then hint: Command? = nil) throws -> [QueryResult] {
        // Within a transaction it has been done.
        var first = connection.isInTransaction ? [] : prefix
        if let setting = clock?.setting() { first.append(setting) }
        guard !first.isEmpty else { return try connection.run(commands, then: hint, until: deadline) }
        do {
            // A transaction begins before anything that belongs to it.
            let begins = commands.first?.statement.sql == Statement.begin.sql
            let all = begins ? commands.prefix(1) + first + commands.dropFirst() : first + commands
            var results = try connection.run(Array(all), then: hint, until: deadline)
            results.removeSubrange(begins ? 1..<(1 + first.count) : 0..<first.count)
            return results
        } catch {
            // The setting may have been undone with the transaction.
            clock?.forget()
            throw error
        }
    }

    /// Runs several statements that answer nothing, within the transaction that was begun.
    func runScript(_ text: String) throws { try connection.runScript(text, until: deadline) }

    func run(_ command: Command) throws -> QueryResult {
        guard let result = try run([command]).first else {
            throw PostgresFault.disconnected("an answer is missing")
        }
        return result
    }
}

/// Sets the database's 'now' for a test, where production asks the server's clock.
final class TestClock {
    private let clock: any TaskClock
    private var last: Date?

    init(_ clock: any TaskClock) { self.clock = clock }

    /// The command that sets the time; nil where it stands as it did.
    func setting() -> Command? {
        let now = clock.now().normalized
        guard now != last else { return nil }
        last = now
        return Self.set(now, isLocal: false)
    }

    /// The command that sets the time for a transaction.
    func localSetting() -> Command { Self.set(clock.now().normalized, isLocal: true) }

    func forget() { last = nil }

    private static func set(_ now: Date, isLocal: Bool) -> Command {
        Command(Statement("SELECT set_config('taskcore.now', $1, $2)")) { parameters in
            parameters.add(String(now.microseconds))
            parameters.add(isLocal)
        }
    }
    /// What stands for `now()` in a test.
    static let expression =
        "('epoch'::timestamptz + current_setting('taskcore.now')::bigint * interval '1 microsecond')"
}
