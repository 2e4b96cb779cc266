import TaskCore

/// The connection that hints go and come by, and when something has to be done about it. Never leaves the messenger's thread.
struct MessageLine {
    private let settings: ConnectionSettings
    private let listens: Bool
    private let channels: MessageChannels
    private var connection: PostgresConnection?
    private var backoff = Backoff.connecting
    private var nextTry = ContinuousClock.now
    private var nextProbe = ContinuousClock.now
    private var nextPoll = ContinuousClock.now
    private(set) var isListening = false

    private static let patience = Duration.seconds(2)

    init(_ settings: ConnectionSettings, _ channels: MessageChannels, listens: Bool) {
        self.settings = settings
        self.channels = channels
        self.listens = listens
    }

    var isOpen: Bool { connection != nil }
    var socket: Int32 { connection?.socket ?? -1 }

    mutating func close() {
        connection = nil
        isListening = false
    }

    /// Connects, and listens where that is wanted and possible.
    ///
    /// - Returns: Whether anything is new.
    mutating func connect(listening: Bool) throws -> Bool {
        let mustOpen = connection == nil && nextTry <= .now
        if mustOpen {
            nextTry = .now + backoff.nextDelay()
            let opened = try settings.open(until: .now + min(settings.connectTimeout, Self.patience))
            connection = opened.connection
            canListen = listens && !opened.isPooled
        }
        guard let connection else { return false }
        let mustListen = listening && canListen && !isListening
        if mustListen {
            _ = try connection.run(channels.listening, until: .now + Self.patience)
            isListening = true
            nextProbe = .now + Self.probing
        }
        if mustOpen || mustListen { backoff.reset() }
        return mustOpen || mustListen
    }

    private var canListen = false

    mutating func send(_ kinds: Set<SignalKind>) throws {
        _ = try connection?.run([channels.hint(kinds)], until: .now + Self.patience)
    }

    /// What was said by others.
    func hear() throws -> Set<SignalKind> {
        guard let connection else { return [] }
        return try connection.takeNotifications().reduce(into: []) { $0.formUnion(channels.kinds($1)) }
    }

    /// Finds out whether the server still knows that we listen: a dead line says nothing, and neither does a quiet one.
    mutating func probe() throws {
        nextProbe = .now + Self.probing
        guard let connection, isListening else { return }
        let result = try connection.run([channels.probing], until: .now + Self.patience)
        guard result.first.map({ $0.int64(0, 0) }) == 2 else {
            throw PostgresFault.disconnected("the server does not know any more that we listen")
        }
    }

    // MARK: Time

    /// Between two probes.
    private static let probing = Duration.seconds(2)

    func isProbeDue(_ now: ContinuousClock.Instant) -> Bool { isListening && nextProbe <= now }
    func isPollDue(_ now: ContinuousClock.Instant) -> Bool { nextPoll <= now }

    mutating func polled() { nextPoll = .now + .milliseconds(900) * Double.random(in: 0.6...1) }

    func untilNextStep(_ now: ContinuousClock.Instant) -> Duration {
        let next = isListening ? nextProbe : connection == nil ? min(nextTry, nextPoll) : nextPoll
        return max(.milliseconds(1), next - now)
    }
}
