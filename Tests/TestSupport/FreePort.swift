import Foundation

package enum FreePort {
    /// A port of 127.0.0.1 where nobody listened a moment ago.
    ///
    /// Below those that the system lends to outgoing connections: one that is tried while nobody listens there would be lent the port it
    /// is tried at, meet itself, and keep the listener from coming back.
    package static func find() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            guard let listener = try? LocalSocket.listening(port: port) else { continue }
            close(listener)
            return port
        }
        throw LocalSocket.Refused(call: "listen")
    }
}

/// TCP sockets of 127.0.0.1 by their descriptors.
enum LocalSocket {
    struct Refused: Error, CustomStringConvertible {
        let call: String
        let code = errno
        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    static func listening(port: Int) throws -> Int32 {
        let descriptor = try make()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(descriptor, $0, $1) }) == 0, listen(descriptor, 512) == 0 else {
            defer { close(descriptor) }
            throw Refused(call: "listen")
        }
        return descriptor
    }

    static func connected(port: Int) throws -> Int32 {
        let descriptor = try make()
        guard withAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
            defer { close(descriptor) }
            throw Refused(call: "connect")
        }
        return descriptor
    }

    static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw Refused(call: "getsockname") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Closed in children: the end of a connection must not wait for theirs.
    private static func make() throws -> Int32 {
        #if os(Linux)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw Refused(call: "socket") }
        return descriptor
    }

    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
