#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Wakes a thread that waits for a socket: a pipe whose end it waits for too.
final class WakePipe: Sendable {
    private let reader: Int32
    private let writer: Int32

    /// Nil when the process has no descriptors left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes just as well.
        _ = write(writer, &byte, 1)
    }

    /// Waits for a wake-up, for the socket (-1: none) to have something to read, or for the time.
    ///
    /// - Returns: Whether the socket has something.
    func wait(orFor socket: Int32, atMost timeout: Duration) -> Bool {
        var looks = [
            pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = min(max(0, (timeout / .milliseconds(1)).rounded(.up)), 3_600_000)
        guard poll(&looks, nfds_t(socket < 0 ? 1 : 2), Int32(milliseconds)) > 0 else { return false }
        if looks[0].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 256)
            while read(reader, &bytes, bytes.count) > 0 {}
        }
        return looks[1].revents != 0
    }
}
