import Foundation
import TaskCore

/// Computes next to nothing.
struct Quick: TaskDefinition {
    static let name = "quick"

    func run(_ input: Int, context: TaskContext) async throws -> Int { input &* input }
}

/// Runs until it is told to stop, and says so; with an input above 0 for so many milliseconds at most.
struct Slow: TaskDefinition {
    static let name = "slow"

    func run(_ input: Int, context: TaskContext) async throws -> Int {
        say("started \(context.id) \(context.record.fence)")
        do {
            try await Task.sleep(for: input > 0 ? .milliseconds(input) : .seconds(3600))
        } catch {
            say("cancelled \(context.id) \(context.record.fence)")
            throw error
        }
        say("ended \(context.id) \(context.record.fence)")
        return input
    }
}

/// Leaves a line in a file for each run, after so many milliseconds.
struct Effect: TaskDefinition {
    static let name = "effect"
    static let defaults = TaskDefaults(maxAttempts: 1000, retry: .fixed(.milliseconds(50)))
    let file: EffectFile?

    func run(_ input: Int, context: TaskContext) async throws -> String {
        if input > 0 { try await Task.sleep(for: .milliseconds(input)) }
        file?.append("\(context.id) \(context.record.fence)")
        return "\(context.record.fence)"
    }
}

/// Fails whatever it is given.
struct Poison: TaskDefinition {
    struct Bitter: Error {}

    static let name = "poison"
    static let defaults = TaskDefaults(maxAttempts: 3, retry: .fixed(.milliseconds(20)))

    func run(_ input: Int, context: TaskContext) async throws -> NoValue { throw Bitter() }
}

/// Does not hear that it should stop.
struct Hang: TaskDefinition {
    static let name = "hang"

    func run(_ input: Int, context: TaskContext) async throws -> NoValue {
        say("started \(context.id) \(context.record.fence)")
        // A task of its own is not cancelled with this one.
        await Task { try? await Task.sleep(for: .seconds(3600)) }.value
        return NoValue()
    }
}

/// A file that several processes append lines to, each whole.
final class EffectFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit { close(descriptor) }

    func append(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
