import Dispatch
import Foundation
import Synchronization

/// A few threads for blocking file calls, so that none runs on Swift's cooperative pool.
///
/// Jobs must be short (one chunk, one directory): a long one holds up a quarter of all file work. Jobs do not see the
/// cancellation of their task; callers check between jobs, which is what lets clean-up run after a cancellation.
final class FileIOThreads: Sendable {
    static let shared = FileIOThreads(count: 4)

    private typealias Job = @Sendable () -> Void
    private let jobs = Mutex<[Job]>([])
    private let available = DispatchSemaphore(value: 0)

    init(count: Int) {
        for number in 1...count {
            let thread = Thread { [self] in
                while true { next()() }
            }
            thread.name = "object-io-\(number)"
            thread.start()
        }
    }

    /// Runs `body` on one of the threads, first come first served.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            jobs.withLock { $0.append { continuation.resume(with: Swift.Result(catching: body)) } }
            available.signal()
        }
    }

    /// Runs a `body` that cannot fail.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            jobs.withLock { $0.append { continuation.resume(returning: body()) } }
            available.signal()
        }
    }

    private func next() -> Job {
        available.wait()
        return jobs.withLock { $0.removeFirst() }
    }
}
