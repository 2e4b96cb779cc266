import CLibPQ
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One libpq connection in pipeline mode. Waits with a deadline, on its own thread, and never leaves it.
///
/// A call sends its commands as one pipeline with one sync, so that they are one transaction, and one way there and back.
final class PostgresConnection {
    private let handle: OpaquePointer
    private var prepared: Set<String> = []
    private let usesPreparedStatements: Bool
    /// Set when answers to a hint did not come: whoever read next would take them for its own.
    private var isSpoilt = false

    /// - Throws: ``PostgresFault``.
    init(_ target: ConnectionTarget, preparing: Bool, until deadline: ContinuousClock.Instant) throws {
        handle = try Self.open(target, until: deadline)
        usesPreparedStatements = preparing
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            let message = Self.message(handle)
            PQfinish(handle)
            throw PostgresFault.disconnected(message)
        }
    }

    deinit { PQfinish(handle) }

    /// The process that serves us, as the connection's start said it; another one answers where a pooler is in between.
    var announcedProcess: Int32 { PQbackendPID(handle) }

    var isInTransaction: Bool {
        switch PQtransactionStatus(handle) {
        case PQTRANS_INTRANS, PQTRANS_INERROR, PQTRANS_ACTIVE: true
        default: false
        }
    }

    /// Whether an idle connection has been closed or spoken to from the other side: then nothing should be sent on it.
    var hasEnded: Bool {
        if isSpoilt { return true }
        guard PQstatus(handle) == CONNECTION_OK else { return true }
        var look = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        // The server's last words come before the end.
        while poll(&look, 1, 0) > 0 {
            guard look.revents & Int16(POLLHUP | POLLERR) == 0, PQconsumeInput(handle) == 1 else { return true }
        }
        return PQstatus(handle) != CONNECTION_OK
    }

    // MARK: Running

    /// Runs commands as one pipeline, and answers each one's result.
    ///
    /// - Parameter hint: Sent along, as a transaction of its own that follows at once, on the same way there and back. Whether it
    ///   succeeds is of no interest.
    /// - Throws: ``PostgresFault``, the first command's that failed: then none took effect, unless a transaction that was begun
    ///   before is open still.
    func run(_ commands: [Command], then hint: Command? = nil, until deadline: ContinuousClock.Instant) throws
        -> [QueryResult]
    {
        let expected = try send(commands)
        let expectedHint = try hint.map { try send([$0]) }
        try flush(until: deadline)
        defer {
            if let expectedHint {
                do {
                    _ = try answers(expectedHint, until: deadline)
                } catch let fault as PostgresFault where !fault.endsConnection {
                    // It was refused: so be it.
                } catch {
                    isSpoilt = true
                }
            }
        }
        return try answers(expected, until: deadline)
    }

    /// The results of what was sent up to a sync.
    private func answers(_ expected: [Expected], until deadline: ContinuousClock.Instant) throws -> [QueryResult] {
        var results: [QueryResult] = []
        var failure: PostgresFault?
        for part in expected {
            do {
                let result = try receive(until: deadline)
                if failure == nil, let name = part.preparedName {
                    prepared.insert(name)
                } else {
                    results.append(result)
                }
            } catch let fault as PostgresFault where !fault.endsConnection {
                failure = failure ?? fault
            }
        }
        try receiveSync(until: deadline)
        if let failure {
            if failure.isLostStatement { prepared = [] }
            throw failure
        }
        return results
    }

    /// Runs a text of several statements, whose answers are of no interest.
    ///
    /// - Throws: ``PostgresFault``.
    func runScript(_ text: String, until deadline: ContinuousClock.Instant) throws {
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, text) == 1 else {
            throw PostgresFault.disconnected(Self.message(handle))
        }
        try flush(until: deadline)
        var failure: PostgresFault?
        while let result = try next(until: deadline) {
            if PQresultStatus(result) == PGRES_FATAL_ERROR { failure = failure ?? Self.fault(of: result, handle) }
            PQclear(result)
        }
        guard PQenterPipelineMode(handle) == 1 else { throw PostgresFault.disconnected(Self.message(handle)) }
        if let failure { throw failure }
    }

    private struct Expected {
        /// Set for the answer to a preparation.
        var preparedName: String?
    }

    /// Sends commands and a sync behind them.
    private func send(_ commands: [Command]) throws -> [Expected] {
        var expected: [Expected] = []
        for command in commands { try send(command, &expected) }
        guard PQpipelineSync(handle) == 1 else { throw PostgresFault.disconnected(Self.message(handle)) }
        return expected
    }

    private func send(_ command: Command, _ expected: inout [Expected]) throws {
        let statement = command.statement
        let name = usesPreparedStatements ? statement.name : nil
        let types = command.parameters.types
        let isNew = name.map { name in !prepared.contains(name) && !expected.contains { $0.preparedName == name } }
        if let name, isNew == true {
            guard PQsendPrepare(handle, name, statement.sql, Int32(types.count), types) == 1 else {
                throw PostgresFault.disconnected(Self.message(handle))
            }
            expected.append(Expected(preparedName: name))
        }
        let isSent = command.parameters.withPointers { values, lengths, formats in
            let count = Int32(types.count)
            return if let name {
                PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
            } else {
                PQsendQueryParams(handle, statement.sql, count, types, values, lengths, formats, 1)
            }
        }
        guard isSent == 1 else { throw PostgresFault.disconnected(Self.message(handle)) }
        expected.append(Expected())
    }

    private func flush(until deadline: ContinuousClock.Instant) throws {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                // The server may stop reading until somebody reads what it writes.
                if try wait(for: POLLOUT | POLLIN, until: deadline) & Int16(POLLIN) != 0 { try consume() }
            default: throw PostgresFault.disconnected(Self.message(handle))
            }
        }
    }

    /// The next command's result.
    private func receive(until deadline: ContinuousClock.Instant) throws -> QueryResult {
        guard let result = try next(until: deadline) else {
            throw PostgresFault.disconnected("the answers ended early")
        }
        let status = PQresultStatus(result)
        if status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK {
            let answer = QueryResult(result)
            while let more = try next(until: deadline) { PQclear(more) }
            return answer
        }
        let fault = Self.fault(of: result, handle)
        PQclear(result)
        if !fault.endsConnection { while let more = try next(until: deadline) { PQclear(more) } }
        throw fault
    }

    private func receiveSync(until deadline: ContinuousClock.Instant) throws {
        // What ends the results of a command may come first.
        guard let result = try next(until: deadline) ?? next(until: deadline) else {
            throw PostgresFault.disconnected("the answers ended early")
        }
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw Self.fault(of: result, handle) }
    }

    /// The next result, or nil for the end of a command's.
    private func next(until deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            _ = try wait(for: POLLIN, until: deadline)
            try consume()
        }
        let result = PQgetResult(handle)
        if result == nil, PQstatus(handle) != CONNECTION_OK { throw PostgresFault.disconnected(Self.message(handle)) }
        return result
    }

    private func consume() throws {
        guard PQconsumeInput(handle) == 1 else { throw PostgresFault.disconnected(Self.message(handle)) }
    }

    // MARK: Notifications

    /// What was notified since the last call.
    func takeNotifications() throws -> [String] {
        try consume()
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            payloads.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return payloads
    }

    /// The socket, for those who wait for it together with something else.
    var socket: Int32 { PQsocket(handle) }

    // MARK: Waiting

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws -> Int16 {
        try Self.wait(PQsocket(handle), for: events, until: deadline)
    }

    /// - Throws: ``PostgresFault/late``.
    private static func wait(_ socket: Int32, for events: Int32, until deadline: ContinuousClock.Instant) throws
        -> Int16
    {
        var look = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw PostgresFault.late }
            let found = poll(&look, 1, Int32(min(left.rounded(.up), 3_600_000)))
            if found > 0 { return look.revents }
            if found < 0, errno != EINTR { throw PostgresFault.disconnected("waiting for the server failed") }
        }
    }

    // MARK: Opening

    private static func open(_ target: ConnectionTarget, until deadline: ContinuousClock.Instant) throws
        -> OpaquePointer
    {
        let started = target.withKeywords { PQconnectStartParams($0, $1, 0) }
        guard let handle = started else { throw PostgresFault.disconnected("there is no memory for a connection") }
        // Warnings of the server are none of our program's output.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        var isOpen = false
        defer { if !isOpen { PQfinish(handle) } }
        guard PQstatus(handle) != CONNECTION_BAD else { throw refusalBeforeConnecting(handle) }
        // While a connection is made, its SQLSTATE is told nowhere else.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        var state = PGRES_POLLING_WRITING
        while true {
            switch state {
            case PGRES_POLLING_OK:
                PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
                isOpen = true
                return handle
            case PGRES_POLLING_FAILED:
                throw refusalOfConnection(handle)
            case PGRES_POLLING_READING:
                _ = try wait(PQsocket(handle), for: POLLIN, until: deadline)
            default:
                _ = try wait(PQsocket(handle), for: POLLOUT, until: deadline)
            }
            state = PQconnectPoll(handle)
        }
    }

    // MARK: Errors

    /// libpq's words without the server's address, which may be a path: why the last try to connect failed, or the first line, for what
    /// follows it is advice.
    static func message(_ handle: OpaquePointer) -> String {
        let lines = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline).map(withoutPaths)
        let line = lines.last { $0.contains("failed: ") } ?? lines.first ?? "the connection was lost"
        let reason = line.ranges(of: "failed: ").last.map { line[$0.upperBound...] } ?? line[...]
        return String(reason.trimmingPrefix("FATAL:  "))
    }

    /// Why libpq gave up at once: on what it was told, or on a host that it tried without having to wait.
    private static func refusalBeforeConnecting(_ handle: OpaquePointer) -> PostgresFault {
        let text = String(cString: PQerrorMessage(handle))
        let hasTried = ["connection to server", "could not translate host name"].contains { text.contains($0) }
        return hasTried ? .disconnected(message(handle)) : .misconfigured(message(handle))
    }

    /// Why a connection was not made, with the server's SQLSTATE where it was the server that refused.
    private static func refusalOfConnection(_ handle: OpaquePointer) -> PostgresFault {
        let message = message(handle)
        // Behind 'FATAL:  ' in the server's language, where that is not English.
        guard let match = message.prefixMatch(of: /(?:[^:]{1,40}: {2})?([0-9A-Z]{5}): +/) else {
            return .disconnected(message)
        }
        return .refused(state: String(match.1), message: String(message[match.range.upperBound...]))
    }

    /// A text whose quoted paths are left out: of sockets, certificates and keys.
    private static func withoutPaths(_ text: Substring) -> String {
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0 % 2 == 1 && $1.hasPrefix("/") ? "…" : $1 }.joined(separator: "\"")
    }

    static func fault(of result: OpaquePointer, _ handle: OpaquePointer) -> PostgresFault {
        if PQresultStatus(result) == PGRES_PIPELINE_ABORTED {
            return .refused(state: "25P02", message: "an earlier command failed")
        }
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            return .disconnected(message(handle))
        }
        let words =
            PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) } ?? "it did not say why"
        return .refused(state: String(cString: state), message: words)
    }
}

extension Parameters {
    /// The values as libpq wants them, for the time of a call.
    fileprivate func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            let empty: StaticString = ""
            let values: [UnsafePointer<CChar>?] = places.map { place in
                guard let place else { return nil }
                // No address would mean NULL, and an empty buffer has none.
                let start = buffer.baseAddress.map { $0 + place.lowerBound } ?? UnsafeRawPointer(empty.utf8Start)
                return start.assumingMemoryBound(to: CChar.self)
            }
            return body(values, places.map { Int32($0?.count ?? 0) }, places.map { _ in 1 })
        }
    }
}
