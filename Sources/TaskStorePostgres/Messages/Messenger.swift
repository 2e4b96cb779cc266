import Logging
import Synchronization
import TaskCore

/// Carries hints between processes by NOTIFY and LISTEN, on a connection and a thread of its own.
///
/// Hints are sent after their commit, in a transaction of their own: a NOTIFY takes a lock that all of the server's commits with
/// one share. They coalesce: what comes sooner than the pace allows gathers. While nothing can be heard, the board is rung by time.
final class Messenger: Sendable {
    private struct State {
        var unsent: Set<SignalKind> = []
        var isListening = false
        var isClosed = false
        var lastSent = ContinuousClock.now - Pace.sending
    }

    private let state = Mutex(State())
    private let board: SignalBoard
    private let settings: ConnectionSettings
    private let channels: MessageChannels
    private let listens: Bool
    private let logger: Logger
    private let pipe: WakePipe
    private let ended = Ending()

    init(_ settings: ConnectionSettings, listens: Bool, board: SignalBoard, logger: Logger) throws {
        guard let pipe = WakePipe() else {
            throw TaskError(.storeUnavailable, "The process has no descriptors left; close some, or raise its limit.")
        }
        self.pipe = pipe
        self.settings = settings
        channels = MessageChannels(settings.sql)
        self.listens = listens
        self.board = board
        self.logger = logger
        startBlockingThread("pg-messages") { self.loop() }
    }

    /// Tells everybody, here and elsewhere, what a commit may mean to them.
    func announce(_ kinds: Set<SignalKind>) {
        guard !kinds.isEmpty else { return }
        board.ring(kinds)
        let isNew = state.withLock { state in
            guard !kinds.isSubset(of: state.unsent) else { return false }
            state.unsent.formUnion(kinds)
            return true
        }
        if isNew { pipe.wake() }
    }

    /// The hint that a write may send itself, right behind its commit; nil where the pace asks to wait, and where it has to be announced.
    func takeTurn(_ kinds: Set<SignalKind>) -> Command? {
        let isMine = state.withLock { state in
            guard !state.isClosed, ContinuousClock.now - state.lastSent >= Pace.sending else { return false }
            state.lastSent = .now
            return true
        }
        return isMine ? channels.hint(kinds) : nil
    }

    /// Tells everybody here, where a write has told the others itself.
    func tellHere(_ kinds: Set<SignalKind>) { board.ring(kinds) }

    /// From now on somebody listens here.
    func listen() {
        let isNew = state.withLock { state in
            defer { state.isListening = true }
            return !state.isListening
        }
        if isNew { pipe.wake() }
    }

    func closeSoon() {
        state.withLock { $0.isClosed = true }
        pipe.wake()
    }

    /// Returns when what was announced is sent, or cannot be, and the connection is closed.
    func close() async {
        closeSoon()
        await ended.wait()
    }

    // MARK: Thread

    private func loop() {
        var line = MessageLine(settings, channels, listens: listens)
        while true {
            let now = ContinuousClock.now
            let (isClosed, wants, mustSend, nextTurn) = state.withLock { state in
                (state.isClosed, state.isListening, !state.unsent.isEmpty, state.lastSent + Pace.sending)
            }
            if isClosed, !mustSend || !line.isOpen { break }
            if (mustSend && !isClosed) || wants { connect(&line, listening: wants) }
            if line.isOpen, mustSend, nextTurn <= now || isClosed {
                send(on: &line)
                continue
            }
            if line.isProbeDue(now) { probe(&line) }
            var timeout = wants || mustSend ? line.untilNextStep(now) : .seconds(3600)
            if mustSend, line.isOpen { timeout = min(timeout, nextTurn - now) }
            if pipe.wait(orFor: line.socket, atMost: timeout) {
                hear(on: &line)
            } else if wants, !line.isListening, line.isPollDue(.now) {
                line.polled()
                board.ring(Set(SignalKind.allCases))
            }
        }
        line.close()
        settings.telemetry.isListening(false)
        ended.finish()
    }

    private func connect(_ line: inout MessageLine, listening: Bool) {
        do {
            guard try line.connect(listening: listening) else { return }
            settings.telemetry.isListening(line.isListening)
            // Whatever was said meanwhile was not heard.
            if line.isListening { board.ring(Set(SignalKind.allCases)) }
        } catch {
            lost(&line, error)
        }
    }

    private func send(on line: inout MessageLine) {
        let kinds = state.withLock { state in
            state.lastSent = .now
            defer { state.unsent = [] }
            return state.unsent
        }
        do {
            try line.send(kinds)
        } catch {
            // Hints may be lost: who waits for them looks by itself too.
            lost(&line, error)
        }
    }

    private func probe(_ line: inout MessageLine) {
        do { try line.probe() } catch { lost(&line, error) }
    }

    private func hear(on line: inout MessageLine) {
        do { board.ring(try line.hear()) } catch { lost(&line, error) }
    }

    private func lost(_ line: inout MessageLine, _ error: any Error) {
        let wasOpen = line.isOpen
        line.close()
        settings.telemetry.isListening(false)
        board.ring(Set(SignalKind.allCases))
        if wasOpen {
            logger.warning(
                "notifications are lost; looking once a second until they are back",
                metadata: ["error": "\(TaskError.from(error))"]
            )
        }
    }

    private enum Pace {
        /// Between two notifications.
        static let sending = Duration.milliseconds(5)
    }
}
