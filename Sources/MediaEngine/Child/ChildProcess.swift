#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import Subprocess
#if canImport(System)
    internal import System
#else
    internal import SystemPackage
#endif

/// One child process for one job, from the parent's side.
struct ChildProcess: Sendable {
    let path: String
    let request: ChildRequest

    /// The child sees its own deadline first; this long after it, it is killed.
    private static let grace = 3.0

    /// Starts the child, passes its progress on, and returns its result. The process is gone when this returns.
    func run(progress: @escaping @Sendable (MediaProgress) -> Void) async throws(MediaError) -> MediaResult {
        let input: [UInt8]
        do { input = [UInt8](try JSONEncoder().encode(request)) } catch {
            throw MediaError(.invalidJob, "The job cannot be written as JSON.")
        }
        let ending: ChildEnding
        let descriptor = try RequestFile.open(input)
        do {
            let outcome = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(FileDescriptor(rawValue: descriptor), closeAfterSpawningProcess: true),
                output: .sequence,
                error: .sequence
            ) { execution in
                try await Self.listen(
                    output: execution.standardOutput,
                    complaints: execution.standardError,
                    deadline: request.limits.deadline,
                    progress: progress
                ) { try execution.send(signal: .kill) }
            }
            var complete = outcome.closureResult
            complete.status = outcome.terminationStatus
            ending = complete
        } catch {
            if Task.isCancelled { throw MediaError(.cancelled, "The work was cancelled.") }
            throw MediaError(.engineUnavailable, "The media engine's process could not be started or spoken to.")
        }
        if Task.isCancelled { throw MediaError(.cancelled, "The work was cancelled.") }
        return try ending.result()
    }

    private var configuration: Configuration {
        // Nothing of the parent's environment: it may hold secrets, and variables that change how libraries behave.
        var environment: [Environment.Key: String] = ["MALLOC_ARENA_MAX": "2", "SWIFT_BACKTRACE": "enable=no"]
        if let libraries = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] {
            environment["LD_LIBRARY_PATH"] = libraries
        }
        // No teardown sequence: cancelling kills at once.
        return Configuration(
            executable: .path(FilePath(path)),
            environment: .custom(environment),
            workingDirectory: FilePath("/")
        )
    }

    /// Reads both streams to their ends, and kills the child when it talks nonsense or outlives its deadline.
    private static func listen(
        output: SubprocessOutputSequence,
        complaints: SubprocessOutputSequence,
        deadline: Double,
        progress: @escaping @Sendable (MediaProgress) -> Void,
        kill: @escaping @Sendable () throws -> Void
    ) async throws -> ChildEnding {
        try await withThrowingTaskGroup(of: ChildEnding.Part.self) { group in
            group.addTask { .last(try await lastMessage(of: output, progress: progress)) }
            group.addTask { .complaints(try await start(of: complaints)) }
            group.addTask {
                try? await Task.sleep(for: .seconds(min(max(deadline, 0), 3e7) + grace))
                return .overdue
            }
            var ending = ChildEnding()
            var openStreams = 2
            while openStreams > 0, let part = try await group.next() {
                switch part {
                case .last(let last):
                    ending.last = last
                    openStreams -= 1
                    if last?.isNonsense == true { try kill() }
                case .complaints(let text):
                    ending.complaints = text
                    openStreams -= 1
                case .overdue:
                    ending.isOverdue = true
                    try kill()
                }
            }
            group.cancelAll()
            return ending
        }
    }

    private static func lastMessage(
        of output: SubprocessOutputSequence,
        progress: @Sendable (MediaProgress) -> Void
    ) async throws -> ChildEnding.Last? {
        var reader = LineReader()
        var last: ChildEnding.Last?
        let decoder = JSONDecoder()
        for try await buffer in output {
            guard let lines = reader.add(buffer.withUnsafeBytes(Array.init)) else { return .nonsense }
            for line in lines {
                guard let message = try? decoder.decode(ChildMessage.self, from: Data(line)) else { return .nonsense }
                if case .progress(let report) = message {
                    progress(report)
                } else {
                    last = .message(message)
                }
            }
        }
        return last
    }

    /// The first bytes of what the libraries said on standard error; the rest is read and dropped.
    private static func start(of output: SubprocessOutputSequence) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in output where bytes.count < 4096 {
            bytes += buffer.withUnsafeBytes { Array($0.prefix(4096 - bytes.count)) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
