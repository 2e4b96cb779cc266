package import Foundation

/// A running program: its lines as they come, and its end. It is killed when nobody needs it any more.
package final class TestProcess: Sendable {
    /// What it says, a line each; ends when it does.
    package let lines: AsyncStream<String>
    /// What it logged, a line each.
    package let log: AsyncStream<String>
    package let pid: pid_t
    private let process: Process
    private let input = Pipe()
    private let ended: AsyncStream<Never>
    private let isKilledAtEnd: Bool

    /// - Parameters:
    ///   - executable: A path, or the name of a program that was built beside this test's.
    ///   - environment: Added to this process's own.
    ///   - lines: After how many lines it is killed, at once, wherever it is by then; nil: not.
    ///   - isKilledAtEnd: False for one that ends itself when its input does, which the object's end is.
    package init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        killedAfter lines: Int? = nil,
        isKilledAtEnd: Bool = true
    ) throws {
        let process = Process()
        process.executableURL =
            executable.contains("/") ? URL(fileURLWithPath: executable) : Self.built.appendingPathComponent(executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        let log = Pipe()
        process.standardError = log
        let (ended, exit) = AsyncStream.makeStream(of: Never.self)
        process.terminationHandler = { _ in exit.finish() }
        try process.run()
        self.process = process
        self.ended = ended
        self.isKilledAtEnd = isKilledAtEnd
        let pid = process.processIdentifier
        self.pid = pid
        self.log = Self.lines(of: log.fileHandleForReading) { _ in }
        self.lines = Self.lines(of: output.fileHandleForReading) { if $0 == lines { _ = sendSignal(pid, SIGKILL) } }
    }

    deinit {
        if isKilledAtEnd { kill() }
        closeInput()
    }

    /// The folder of what was built with this test.
    package static var built: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    package var isRunning: Bool { process.isRunning }

    /// Gives it a line on its standard input.
    package func send(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }

    /// Ends its input, which tells it to stop.
    package func closeInput() { try? input.fileHandleForWriting.close() }

    /// Ends it as a power cut would, wherever it is.
    package func kill() { signal(SIGKILL) }

    /// Sends a signal, as long as it runs: SIGSTOP freezes it, SIGCONT lets it go on.
    package func signal(_ number: Int32) {
        if process.isRunning { _ = sendSignal(pid, number) }
    }

    /// Waits for its end and answers its exit status; a signal's number when one killed it. One caller at a time.
    package func status() async -> Int32? {
        for await _ in ended {}
        return process.isRunning ? nil : process.terminationStatus
    }

    /// Waits for a line that begins so, and answers the rest of it; nil when the process ended before.
    package func line(after prefix: String) async -> String? {
        for await line in lines where line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
        return nil
    }

    /// Reads on a thread of its own, which says after each line how many there were.
    private static func lines(
        of file: FileHandle,
        counted: @escaping @Sendable (Int) -> Void
    ) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        Thread {
            var rest = Data()
            var count = 0
            while case let data = file.availableData, !data.isEmpty {
                rest.append(data)
                let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                for part in parts.dropLast() {
                    count += 1
                    counted(count)
                    continuation.yield(String(decoding: part, as: UTF8.self))
                }
                rest = Data(parts.last ?? Data())
            }
            continuation.finish()
        }
        .start()
        return lines
    }
}

private func sendSignal(_ process: pid_t, _ number: Int32) -> Int32 { kill(process, number) }
