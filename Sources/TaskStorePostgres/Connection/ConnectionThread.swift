import TaskCore

/// Whether a call may be repeated by itself when the connection breaks while it is under way.
enum Repeatability {
    /// It reads, or it does the same thing again.
    case repeatable
    /// Its caller has to know that the answer was lost.
    case once
}

/// A connection on a thread of its own, opened when it is needed first and again when it broke.
///
/// Never leaves its thread.
final class ConnectionThread {
    private let settings: ConnectionSettings
    private let testClock: TestClock?
    private var connection: PostgresConnection?
    private var isPooled = false
    private var reconnect = Backoff.connecting
    private static let maxCollisions = 8
    private static let maxRepeats = 3

    init(_ settings: ConnectionSettings) {
        self.settings = settings
        testClock = settings.testClock.map(TestClock.init)
    }

    /// Runs a call's body in a session, as often as is safe.
    func perform<Answer>(
        _ repeatability: Repeatability,
        until deadline: ContinuousClock.Instant,
        _ body: (Session) throws -> Answer
    ) throws -> Answer {
        var collisions = Backoff.connecting
        var repeats = 0
        while true {
            let connection = try connected(until: deadline)
            do {
                let session = session(connection, until: deadline)
                let answer = try body(session)
                reconnect.reset()
                return answer
            } catch let fault as PostgresFault {
                if fault.endsConnection {
                    drop()
                    guard case .repeatable = repeatability, repeats < Self.maxRepeats, .now < deadline,
                        !fault.isLate
                    else { throw fault }
                    repeats += 1
                    continue
                }
                rollBack(connection)
                guard fault.isCollision || fault.isLostStatement, collisions.tries < Self.maxCollisions,
                    .now < deadline
                else { throw fault }
                settings.telemetry.collided()
                blockingSleep(min(collisions.nextDelay(), deadline - .now))
            } catch {
                rollBack(connection)
                throw error
            }
        }
    }

    /// A pooler gives each transaction another session, which has to be told everything anew.
    private func session(_ connection: PostgresConnection, until deadline: ContinuousClock.Instant) -> Session {
        guard isPooled else { return Session(connection, settings.sql, deadline: deadline, clock: testClock) }
        var prefix = settings.purpose == .work ? [ConnectionSettings.planning(isLocal: true)] : []
        if let testClock { prefix.append(testClock.localSetting()) }
        return Session(connection, settings.sql, deadline: deadline, clock: nil, prefix: prefix)
    }

    func drop() { connection = nil }

    private func rollBack(_ connection: PostgresConnection) {
        testClock?.forget()
        guard connection.isInTransaction else { return }
        do {
            _ = try connection.run([Command(.rollback)], until: .now + .seconds(5))
        } catch {
            drop()
        }
    }

    /// The connection, opened anew where it broke; while the server is away, as often as the deadline allows.
    private func connected(until deadline: ContinuousClock.Instant) throws -> PostgresConnection {
        if let connection, !connection.hasEnded { return connection }
        drop()
        testClock?.forget()
        while true {
            do {
                let limit = min(deadline, .now + settings.connectTimeout)
                let new = try settings.open(until: limit)
                connection = new.connection
                isPooled = new.isPooled
                settings.telemetry.connected()
                return new.connection
            } catch let fault as PostgresFault {
                let pause = reconnect.nextDelay()
                guard fault.mayPass, ContinuousClock.now + pause < deadline else { throw fault.whileConnecting }
                blockingSleep(pause)
            }
        }
    }
}

extension PostgresFault {
    fileprivate var isLate: Bool {
        if case .late = self { return true }
        return false
    }

    /// Whether the next try to connect may go better: a wrong password stays wrong, and so does a setting that the server does not know.
    var mayPass: Bool {
        switch self {
        case .late: true
        case .misconfigured: false
        case .disconnected(let reason): !Self.isPermanent(reason)
        // A pooler says everything with 08P01.
        case .refused(let state, let reason) where state.hasPrefix("08"): !Self.isPermanent(reason)
        case .refused(let state, _):
            // Not supported, data exceptions, wrong password, no such database, no right to it or no such setting.
            !["0A", "22", "28", "3D", "42"].contains(state.prefix(2))
        }
    }

    /// The same as a fault of the address or the server's settings, never of what a call was about to write.
    fileprivate var whileConnecting: PostgresFault {
        guard case .refused(_, let message) = self, isOfData else { return self }
        return .misconfigured(message)
    }

    /// What libpq finds out by itself while it connects, and poolers, have no code: only words are left.
    private static func isPermanent(_ reason: String) -> Bool {
        [
            "authentication", "certificate", "does not exist", "does not support SSL", "no password supplied",
            "no such database", "no such user", "pg_hba",
        ].contains { reason.contains($0) }
    }
}

extension Backoff {
    /// Between tries to connect, and of transactions that met.
    static var connecting: Backoff { Backoff(from: .milliseconds(20), to: .seconds(2)) }
}
