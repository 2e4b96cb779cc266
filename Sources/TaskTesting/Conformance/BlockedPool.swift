import Foundation
import Synchronization
import TaskCore

/// Runs work on a thread of its own while every thread of Swift's cooperative pool is blocked, as careless handlers do.
enum BlockedPool {
    /// Whether the work ended while the pool was blocked. The pool is free again when this returns.
    ///
    /// All waiting here is on threads of our own and bounded: should other work keep the pool from being blocked as a whole, or
    /// the work need it, the answer still comes.
    static func run(_ work: @escaping @Sendable () async throws -> Void) async -> Bool {
        let gate = Latch(1)
        let blockers = ProcessInfo.processInfo.activeProcessorCount
        let started = Latch(blockers)
        for _ in 0..<blockers {
            Task.detached(priority: Task.currentPriority) {
                started.countDown()
                gate.wait(seconds: 60)
            }
        }
        return await withCheckedContinuation { continuation in
            Thread {
                started.wait(seconds: 5)
                let executor = ExecutorThread()
                executor.start()
                let ended = Latch(1)
                let succeeded = Shared(false)
                Task(executorPreference: executor) {
                    let isDone = (try? await work()) != nil
                    succeeded.change { $0 = isDone }
                    ended.countDown()
                }
                ended.wait(seconds: 10)
                let answer = succeeded.current
                gate.countDown()
                executor.stop()
                continuation.resume(returning: answer)
            }
            .start()
        }
    }
}

/// Lets threads wait until something happened a number of times.
private final class Latch: Sendable {
    private let missing: Mutex<Int>
    private let condition = NSCondition()

    init(_ count: Int) { missing = Mutex(count) }

    func countDown() {
        condition.lock()
        missing.withLock { $0 -= 1 }
        condition.broadcast()
        condition.unlock()
    }

    /// Blocks the calling thread, at most that long.
    func wait(seconds: Double) {
        let limit = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        while missing.withLock({ $0 > 0 }), condition.wait(until: limit) {}
        condition.unlock()
    }
}
