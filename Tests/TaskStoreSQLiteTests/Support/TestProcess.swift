import Foundation

/// A running `SQLiteTestProcess`: its lines as they come, and its end. It is killed when nobody needs it any more.
final class TestProcess: Sendable {
    /// What it says, a line each; ends when it does.
    let lines: AsyncStream<String>
    /// What it logged, a line each.
    let log: AsyncStream<String>
    private let process: Process
    private let input = Pipe()
    private let ended: AsyncStream<Int32>

    /// - Parameter lines: After how many lines it is killed, at once, wherever it is by then; nil: not.
    init(_ arguments: String..., killedAfter lines: Int? = nil) throws {
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("SQLiteTestProcess")
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        let log = Pipe()
        process.standardError = log
        let (ended, exit) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            exit.yield($0.terminationStatus)
            exit.finish()
        }
        try process.run()
        self.process = process
        self.ended = ended
        self.log = Self.lines(of: log.fileHandleForReading) { _ in }
        let identifier = process.processIdentifier
        self.lines = Self.lines(of: output.fileHandleForReading) { if $0 == lines { _ = signal(identifier, SIGKILL) } }
    }

    deinit { kill() }

    /// Ends its input, which tells it to stop.
    func closeInput() { try? input.fileHandleForWriting.close() }

    /// Ends it as a power cut would, wherever it is.
    func kill() {
        if process.isRunning { _ = signal(process.processIdentifier, SIGKILL) }
    }

    /// Its exit status; a signal's number when one killed it.
    func status() async -> Int32? {
        for await status in ended { return status }
        return nil
    }

    /// Waits for a line that begins so, and answers the rest of it; nil when the process ended before.
    func line(after prefix: String) async -> String? {
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

private func signal(_ process: pid_t, _ number: Int32) -> Int32 { kill(process, number) }
