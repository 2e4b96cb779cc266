import Foundation

/// What the proxy's thread does, and all it knows. Nobody else touches it.
struct ProxyLoop {
    let listener: Int32
    let upstream: Int
    var isStopped = false
    var refuses = false
    var muted: Set<TCPProxy.Direction> = []
    var delay: Duration = .zero
    private var links: [ProxyLink] = []
    private var counters = TCPProxy.Counters()

    init(listener: Int32, upstream: Int) {
        self.listener = listener
        self.upstream = upstream
    }

    var currentCounters: TCPProxy.Counters {
        var current = counters
        current.open = links.count
        return current
    }

    mutating func cutAll() {
        for link in links { link.close(resets: true) }
        links = []
    }

    mutating func run(_ mailbox: ProxyMailbox) {
        while !isStopped {
            var polled = [pollfd(mailbox.wakeUp, POLLIN), pollfd(listener, POLLIN)]
            let now = ContinuousClock.now
            var wait: Duration?
            for link in links {
                let (events, next) = link.interests(muted, now: now)
                polled += [pollfd(link.client, events.client), pollfd(link.server, events.server)]
                if let next { wait = min(wait ?? next, next) }
            }
            let milliseconds: Int32 = wait.map { Int32(min($0 / Duration.milliseconds(1), 1000)) + 1 } ?? -1
            guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 else { continue }

            // Orders first, so that what comes after one obeys it.
            let links = links.count
            let commands = polled[0].revents != 0 ? mailbox.take() : []
            guard commands.isEmpty else {
                for command in commands { command(&self) }
                continue
            }
            for index in (0..<links).reversed() {
                forward(index, client: polled[2 + 2 * index].revents, server: polled[3 + 2 * index].revents)
            }
            if polled[1].revents != 0 { accept() }
        }
        for command in mailbox.take() { command(&self) }
        cutAll()
        close(listener)
    }

    private mutating func forward(_ index: Int, client: Int16, server: Int16) {
        guard client != 0 || server != 0 || delay > .zero || links[index].holdsBytes else { return }
        let now = ContinuousClock.now
        if !muted.contains(.requests) {
            counters.requestBytes += links[index].requests.move(readable: client != 0, due: now + delay, now: now)
        }
        if !muted.contains(.replies) {
            counters.replyBytes += links[index].replies.move(readable: server != 0, due: now + delay, now: now)
        }
        let link = links[index]
        if link.requests.isBroken || link.replies.isBroken {
            link.close(resets: true)
            links.remove(at: index)
        } else if link.requests.isOver && link.replies.isOver {
            link.close(resets: false)
            links.remove(at: index)
        }
    }

    private mutating func accept() {
        let client = Foundation.accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard !refuses, let server = try? LocalSocket.connected(port: upstream) else {
            counters.refused += 1
            close(client)
            return
        }
        var on: Int32 = 1
        for descriptor in [client, server] {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        counters.accepted += 1
        links.append(ProxyLink(client: client, server: server))
    }
}

extension pollfd {
    /// Nothing at all is reported of a descriptor without events, not even its end.
    fileprivate init(_ descriptor: Int32, _ events: Int32) {
        self.init(fd: events == 0 ? -1 : descriptor, events: Int16(events), revents: 0)
    }
}
