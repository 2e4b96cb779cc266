import Foundation
import Synchronization

/// A real process of media-tool, or of any program: its lines as they come, its end, and the most memory it or a child of it used.
final class ToolProcess: Sendable {
    /// How a process ended.
    struct Ending: Sendable {
        /// The exit code; nil when a signal ended it.
        var code: Int32?
        var signal: Int32?
        /// Everything written to standard output.
        var output: String
        /// The most resident memory of the process, or of any process below it that it waited for.
        var peakBytes: Int

        /// Each line of standard output as a JSON object.
        func jsonLines() throws -> [[String: Any]] {
            try output.split(separator: "\n").map { line in
                guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    throw CocoaError(.fileReadCorruptFile)
                }
                return object
            }
        }
    }

    let pid: pid_t
    /// Lines of standard output as they come.
    let lines: AsyncStream<String>
    private let end: Task<Ending, Never>

    /// The program that was built with the tests.
    static let tool = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "media-tool").path()

    /// Starts a program in a process group of its own, with standard error on standard output if `merging`.
    init(_ program: String = tool, arguments: [String], merging: Bool = false) throws {
        var ends: [Int32] = [0, 0]
        // Not a pipe: without pipe2 its ends would leak into processes that other tests start at the same moment.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw POSIXError(.EMFILE) }
        let (reading, writing) = (ends[0], ends[1])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, writing, STDOUT_FILENO)
        if merging { posix_spawn_file_actions_adddup2(&actions, writing, STDERR_FILENO) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, program, &actions, &attributes, &argv, environ)
        close(writing)
        guard status == 0 else {
            close(reading)
            throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO)
        }
        self.pid = pid
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        let child = pid
        let (endings, report) = AsyncStream.makeStream(of: Ending.self)
        // Reading and waiting block: a thread of their own.
        Thread { report.yield(Self.follow(child, reading, continuation)) }.start()
        end = Task { await endings.first { _ in true } ?? Ending(output: "", peakBytes: 0) }
    }

    /// Sends a signal to the process; to its whole group, as a terminal does, if `toGroup`.
    func signal(_ number: Int32, toGroup: Bool = false) { kill(toGroup ? -pid : pid, number) }

    /// Waits for the end.
    func ending() async -> Ending { await end.value }

    /// Runs a program to its end.
    static func run(_ program: String = tool, _ arguments: String..., merging: Bool = false) async throws -> Ending {
        try await ToolProcess(program, arguments: arguments, merging: merging).ending()
    }

    private static func follow(
        _ pid: pid_t,
        _ descriptor: Int32,
        _ lines: AsyncStream<String>.Continuation
    ) -> Ending {
        var output: [UInt8] = []
        var lineStart = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            output += chunk.prefix(count)
            while let newline = output[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
                lines.yield(String(decoding: output[lineStart..<newline], as: UTF8.self))
                lineStart = newline + 1
            }
        }
        lines.finish()
        close(descriptor)
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return Ending(
            code: signal == 0 ? (status >> 8) & 0xff : nil,
            signal: signal == 0 ? nil : signal,
            output: String(decoding: output, as: UTF8.self),
            peakBytes: usage.ru_maxrss * 1024
        )
    }
}
