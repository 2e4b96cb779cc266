import Foundation
import ServiceLifecycle
import TaskCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct WorkerLifeTests {
    @Test func aDrainGivesBackWhatItCannotFinishWithoutUsingUpAnAttempt() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        let handle = try await tasks.working(configure: { $0.drainTimeout = .milliseconds(10) }) {
            Run { context in
                await never.wait()
                try context.checkCancellation()
                return "unreachable"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            _ = try await tasks.wait(for: handle.id, toBe: .running)
            return handle
        }
        let record = try await handle.record
        #expect(record.status == .queued && record.attempts == 0)
        #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.released])
        #expect(try await tasks.workers().isEmpty)
    }

    /// Attempts that do not suspend share a Swift task, which must not show.
    @Test func aHandlerThatCancelsItsOwnTaskCancelsNoOther() async throws {
        let tasks = try await makeManager()
        let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: 40))
        let cancelled = Counter()
        try await tasks.working(concurrency: 40) {
            Run { _ in
                if Task.isCancelled { _ = cancelled.next() }
                withUnsafeCurrentTask { $0?.cancel() }
                return "done"
            }
        } body: {
            for handle in handles {
                let value = try await handle.value
                #expect(value == "done")
            }
        }
        #expect(cancelled.value == 0)
    }

    @Test func aDrainWaitsForHandlersThatFinishInTime() async throws {
        let tasks = try await makeManager()
        let (started, release) = (Gate(), Gate())
        let handle = try await tasks.working {
            Run { _ in
                started.open()
                await release.wait()
                return "finished while draining"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            await started.wait()
            Task { release.open() }
            return handle
        }
        #expect(try await handle.record.status == .done)
    }

    @Test func gracefulShutdownOfAServiceGroupEndsTheWorker() async throws {
        let tasks = try await makeManager()
        let worker = try TaskWorker(tasks) { Greet() }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: worker)], gracefulShutdownSignals: [], logger: quiet)
        )
        async let running: Void = group.run()
        #expect(try await tasks.enqueue(Greet.self, "service").value == "Hello, service!")
        await group.triggerGracefulShutdown()
        try await running
        #expect(try await tasks.workers().isEmpty)
    }

    @Test func anAttemptIsStoppedAtItsTimeoutAndRetried() async throws {
        let tasks = try await makeManager()
        let never = Gate()
        try await tasks.working {
            Run { context in
                if context.number == 1 {
                    await never.wait()
                    try context.checkCancellation()
                }
                return "second"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self, options: EnqueueOptions(timeout: .milliseconds(50)))
            #expect(try await handle.value == "second")
            let attempts = try await tasks.attempts(of: handle.id)
            #expect(attempts.map(\.outcome) == [.timedOut, .done])
            #expect(attempts[0].failure?.code == "timed_out")
        }
    }

    @Test func aHandlerThatIgnoresItsTimeoutIsGivenUpAndItsLateResultRefused() async throws {
        let tasks = try await makeManager()
        let (stubborn, runs) = (Gate(), Counter())
        try await tasks.working(configure: { $0.stopGrace = .milliseconds(50) }) {
            Run { _ in
                guard runs.next() == 1 else { return "second" }
                // Ignores cancellation on purpose.
                await Task { await stubborn.wait() }.value
                return "too late"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self, options: EnqueueOptions(timeout: .milliseconds(50)))
            #expect(try await handle.value == "second")
            stubborn.open()
            #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.timedOut, .done])
        }
    }

    @Test func heartbeatsGoOnWhileHandlersBlockEveryThreadOfThePool() async throws {
        let tasks = try await makeManager()
        let blockers = 2 * ProcessInfo.processInfo.activeProcessorCount
        let configure: (inout TaskWorker.Configuration) -> Void = {
            $0.leaseDuration = .milliseconds(400)
            $0.beatInterval = .milliseconds(50)
        }
        try await tasks.working(concurrency: blockers, configure: configure) {
            Run { _ in
                // Longer than the lease, without a suspension.
                usleepWithoutSuspending(900_000)
                return "blocked"
            }
        } body: {
            let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: blockers))
            for handle in handles {
                #expect(try await handle.value == "blocked")
                #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.done])
            }
        }
    }

    @Test func twoTypesOfOneNameAreRefused() async throws {
        let tasks = try await makeManager()
        #expect(throws: TaskError.self) {
            try TaskWorker(tasks) {
                Greet()
                Greet()
            }
        }
    }

    @Test func aCheckpointIsReadByTheNextAttempt() async throws {
        let tasks = try await makeManager()
        struct Oops: Error {}
        try await tasks.working {
            Run { context in
                let page: Int = try context.checkpoint() ?? 0
                if page < 2 {
                    try await context.saveCheckpoint(page + 1)
                    throw Oops()
                }
                return "page \(page)"
            }
        } body: {
            let value = try await tasks.enqueue(Run.self).value
            #expect(value == "page 2")
        }
    }

    @Test func aPausedQueueWaitsAndGoesOnWhenResumed() async throws {
        let tasks = try await makeManager()
        try await tasks.pause(queue: "default")
        try await tasks.working {
            Greet()
        } body: {
            let handle = try await tasks.enqueue(Greet.self, "paused")
            #expect(try await tasks.queues().first?.isPaused == true)
            #expect(try await handle.record.status == .queued)
            try await tasks.resume(queue: "default")
            #expect(try await handle.value == "Hello, paused!")
        }
    }
}

/// Blocks the calling thread, as a C call would.
private func usleepWithoutSuspending(_ microseconds: UInt32) {
    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .microseconds(Int(microseconds)))
}
