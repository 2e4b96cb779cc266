import Foundation
import Synchronization

/// Stands before a port of 127.0.0.1 and does to its connections what networks do.
///
/// It runs on a thread of its own. When a verb returns, it is in force: nothing more passes after `mute()`.
package final class TCPProxy: Sendable {
    /// Which way bytes go.
    package enum Direction: Sendable, CaseIterable {
        case requests, replies
    }

    package struct Counters: Sendable, Equatable {
        /// Connections accepted so far, refused ones not counted.
        package var accepted = 0
        package var refused = 0
        /// Connections there are now.
        package var open = 0
        /// Bytes forwarded to the server, and from it.
        package var requestBytes = 0
        package var replyBytes = 0
    }

    /// Where it listens.
    package let port: Int
    private let mailbox: ProxyMailbox

    /// - Parameter upstream: The server's port; it need not listen yet.
    package init(to upstream: Int) throws {
        let mailbox = try ProxyMailbox()
        let listener = try LocalSocket.listening(port: 0)
        self.port = try LocalSocket.port(of: listener)
        self.mailbox = mailbox
        let thread = Thread {
            var loop = ProxyLoop(listener: listener, upstream: upstream)
            loop.run(mailbox)
        }
        thread.name = "tcp-proxy"
        thread.start()
    }

    deinit { mailbox.post { $0.isStopped = true } }

    /// Keeps and accepts connections, and forwards nothing, not even their end: a link that is dead and does not say so.
    package func mute(_ directions: Direction...) async {
        await perform { $0.muted.formUnion(directions.isEmpty ? Direction.allCases : directions) }
    }

    /// Forwards again, first what had been held back.
    package func unmute() async { await perform { $0.muted = [] } }

    /// Resets every connection; new ones are welcome.
    package func cutAll() async { await perform { $0.cutAll() } }

    /// Closes new connections at once; those there are live on.
    package func refuse(_ refuses: Bool = true) async { await perform { $0.refuses = refuses } }

    /// Holds back what comes from now on, that long in each direction.
    package func delay(milliseconds: Int) async { await perform { $0.delay = .milliseconds(milliseconds) } }

    package func counters() async -> Counters { await perform { $0.currentCounters } }

    private func perform<Answer: Sendable>(
        _ command: @escaping @Sendable (inout ProxyLoop) -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            mailbox.post { continuation.resume(returning: command(&$0)) }
        }
    }
}

/// Commands for the proxy's thread, and the pipe that wakes it.
final class ProxyMailbox: Sendable {
    typealias Command = @Sendable (inout ProxyLoop) -> Void

    let wakeUp: Int32
    private let bell: Int32
    private let commands = Mutex<[Command]>([])

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw LocalSocket.Refused(call: "pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeUp, bell) = (ends[0], ends[1])
    }

    deinit {
        close(wakeUp)
        close(bell)
    }

    func post(_ command: @escaping Command) {
        commands.withLock { $0.append(command) }
        // A full pipe has woken it already.
        _ = write(bell, [0], 1)
    }

    /// Takes what was posted; on the proxy's thread.
    func take() -> [Command] {
        var rest = [UInt8](repeating: 0, count: 64)
        while read(wakeUp, &rest, rest.count) > 0 {}
        return commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
