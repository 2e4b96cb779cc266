import Foundation
import Synchronization

/// A program that is run to its end, off Swift's thread pool.
package enum Command {
    /// It ended otherwise than with 0.
    package struct Failed: Error, CustomStringConvertible {
        /// A signal's number when one killed it.
        package let status: Int32
        /// What it wrote to its standard error.
        package let message: String
        package var description: String { "exit \(status): \(message)" }
    }

    /// - Parameters:
    ///   - executable: A path.
    ///   - input: What it reads on its standard input.
    ///   - environment: Added to this process's own.
    /// - Returns: What it wrote to its standard output.
    @discardableResult
    package static func run(
        _ executable: String,
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread {
                continuation.resume(
                    with: Result { try runBlocking(executable, arguments, input: input, environment: environment) }
                )
            }
            .start()
        }
    }

    /// The same for where nothing can be awaited, as in a test's condition. It blocks the calling thread.
    @discardableResult
    package static func runBlocking(
        _ executable: String,
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (standardInput, output, log) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = log
        // A program that ends without reading its input is no fault of this one.
        signal(SIGPIPE, SIG_IGN)
        try process.run()

        let group = DispatchGroup()
        let message = Box()
        for work: @Sendable () -> Void in [
            { message.data.withLock { $0 = log.fileHandleForReading.readDataToEndOfFile() } },
            {
                try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try? standardInput.fileHandleForWriting.close()
            },
        ] {
            group.enter()
            Thread {
                work()
                group.leave()
            }
            .start()
        }
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        group.wait()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = message.data.withLock { String(decoding: $0, as: UTF8.self) }
            throw Failed(status: process.terminationStatus, message: text)
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private final class Box: Sendable {
        let data = Mutex(Data())
    }
}
