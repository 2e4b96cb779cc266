import Foundation

/// A connection through the proxy: two sockets and what is on its way between them.
struct ProxyLink {
    let client: Int32
    let server: Int32
    var requests: ProxyFlow
    var replies: ProxyFlow

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
        self.requests = ProxyFlow(source: client, sink: server)
        self.replies = ProxyFlow(source: server, sink: client)
    }

    var holdsBytes: Bool { requests.heldBytes + replies.heldBytes > 0 }

    /// What to poll each socket for, and in how long something held back is due.
    func interests(
        _ muted: Set<TCPProxy.Direction>,
        now: ContinuousClock.Instant
    ) -> (events: (client: Int32, server: Int32), next: Duration?) {
        var events: (client: Int32, server: Int32) = (0, 0)
        var next: Duration?
        if !muted.contains(.requests) {
            if requests.wantsToRead { events.client |= Int32(POLLIN) }
            requests.wait(now: now).map { if $0 > .zero { next = $0 } else { events.server |= Int32(POLLOUT) } }
        }
        if !muted.contains(.replies) {
            if replies.wantsToRead { events.server |= Int32(POLLIN) }
            replies.wait(now: now).map {
                if $0 > .zero { next = min(next ?? $0, $0) } else { events.client |= Int32(POLLOUT) }
            }
        }
        return (events, next)
    }

    func close(resets: Bool) {
        var now = linger(l_onoff: 1, l_linger: 0)
        for descriptor in [client, server] {
            if resets { setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size)) }
            _ = Foundation.close(descriptor)
        }
    }
}

/// One direction of a connection.
struct ProxyFlow {
    private static let capacity = 1 << 20

    let source: Int32
    let sink: Int32
    private(set) var isBroken = false
    private(set) var heldBytes = 0
    private var chunks: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
    private var hasEnded = false
    /// The end has been passed on too.
    private(set) var isOver = false

    init(source: Int32, sink: Int32) {
        self.source = source
        self.sink = sink
    }

    var wantsToRead: Bool { !hasEnded && heldBytes < Self.capacity }

    /// How long until there is something to write; nil when there is nothing.
    func wait(now: ContinuousClock.Instant) -> Duration? { chunks.first.map { $0.due - now } }

    /// Reads and writes what goes without waiting, and answers how many bytes were written.
    mutating func move(readable: Bool, due: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Int {
        if readable && wantsToRead { read(due: due) }
        var written = 0
        while let chunk = chunks.first, chunk.due <= now {
            let count = chunk.bytes.withUnsafeBytes { send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else {
                if errno != EAGAIN && errno != EINTR { isBroken = true }
                break
            }
            written += count
            heldBytes -= count
            if count == chunk.bytes.count {
                chunks.removeFirst()
            } else {
                chunks[0].bytes = chunk.bytes.dropFirst(count)
            }
        }
        if hasEnded && chunks.isEmpty && !isOver {
            isOver = true
            shutdown(sink, Int32(SHUT_WR))
        }
        return written
    }

    private mutating func read(due: ContinuousClock.Instant) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(source, &buffer, buffer.count, 0)
        if count > 0 {
            heldBytes += count
            chunks.append((due, buffer[..<count]))
        } else if count == 0 {
            hasEnded = true
        } else if errno != EAGAIN && errno != EINTR {
            isBroken = true
        }
    }
}
