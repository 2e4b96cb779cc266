import Foundation
import Synchronization
import TaskCore
import TaskTesting
import Testing

/// The store did its work and the reply was lost: the call is repeated, counts once, and nothing is left behind.
@Suite(.timeLimit(.minutes(2))) struct LostReplyTests {
    private func makeStore() -> FaultyTaskStore { FaultyTaskStore(MemoryTaskStore(clock: ManualClock())) }

    @Test func tasksOfALostClaimAreGivenBackAndRunOnce() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        let runs = Counter()
        let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: 6))
        store.script(.claim, [.replyLost, .replyLost])
        try await tasks.working(concurrency: 4) {
            Run { _ in "run \(runs.next())" }
        } body: {
            for handle in handles { _ = try await handle.value }
        }
        #expect(runs.value == 6)
        for handle in handles {
            let outcomes = try await tasks.attempts(of: handle.id).map(\.outcome)
            #expect(outcomes.filter { $0 == .done }.count == 1)
            #expect(outcomes.dropLast().allSatisfy { $0 == .released })
            #expect(try await handle.record.attempts == 1)
        }
        #expect(store.counts(.claim).repliesLost == 2)
    }

    @Test func aLostClaimTakesNothingFromWhatTheWorkerRuns() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        let (started, release) = (Gate(), Gate())
        let observed = try await tasks.working(concurrency: 4) {
            Run { _ in
                started.open()
                await release.wait()
                return "undisturbed"
            }
            Greet()
        } body: {
            let running = try await tasks.enqueue(Run.self)
            await started.wait()
            store.script(.claim, [.replyLost])
            #expect(try await tasks.enqueue(Greet.self, "lost").value == "Hello, lost!")
            release.open()
            #expect(try await running.value == "undisturbed")
            return try await tasks.attempts(of: running.id)
        }
        #expect(observed.map(\.outcome) == [.done])
        #expect(store.counts(.claim).repliesLost == 1)
    }

    @Test(arguments: 1...3)
    func aLostFinishIsWrittenOnceAndStands(times: Int) async throws {
        let store = makeStore()
        let (runs, observed) = (Counter(), Observed())
        store.script(.finish, Array(repeating: .replyLost, count: times))
        try await observed.run(on: store) { tasks in
            let options = EnqueueOptions(followUps: [try NewTask(Greet.self, "after")])
            let handle = try await tasks.working {
                Run { _ in "run \(runs.next())" }
                Greet()
            } body: {
                let handle = try await tasks.enqueue(Run.self, options: options)
                #expect(try await handle.value == "run 1")
                return handle
            }
            #expect(try await handle.value == "run 1")
            #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.done])
            #expect(try await tasks.list(TaskFilter(parent: handle.id)).records.count == 1)
        }
        #expect(runs.value == 1)
        // The worker found out that its own call had been carried out: nobody was late.
        #expect(observed.count("taskcore_stale_total") == 0)
        #expect(observed.lines("late outcome refused") == [])
    }

    @Test func aLostFinishOfAFailureUsesUpOneAttempt() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        struct Oops: Error {}
        store.script(.finish, [.replyLost])
        try await tasks.working {
            Run { context in
                if context.number == 1 { throw Oops() }
                return "attempt \(context.number)"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            #expect(try await handle.value == "attempt 2")
            #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.failed, .done])
        }
    }

    @Test func aLostEnqueueIsRepeatedByIdAndRunsOnce() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        let runs = Counter()
        let task = try NewTask(Run.self, NoValue())
        store.script(.enqueue, [.replyLost, .refused, .replyLost])
        for _ in 0..<3 {
            let error = await #expect(throws: TaskError.self) { try await tasks.enqueue([task]) }
            #expect(error?.code == .storeUnavailable)
        }
        #expect(try await tasks.enqueue([task]).map(\.id) == [task.id])
        try await tasks.working {
            Run { _ in "run \(runs.next())" }
        } body: {
            let value = try await tasks.handle(task.id, of: Run.self).value
            #expect(value == "run 1")
        }
        #expect(try await tasks.statistics().counts == [.done: 1])
        #expect(runs.value == 1)
    }

    @Test func aLostBeatLosesNoProgressNoMetadataAndNoCancel() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        let (reported, never) = (Gate(), Gate())
        try await tasks.working(configure: { $0.beatInterval = .milliseconds(20) }) {
            Run { context in
                // The first beat that has the report is refused, a later one loses its reply.
                store.script(.beat, [.refused, .refused, .refused, .replyLost])
                context.report(3, of: 4, message: "three")
                try context.setMetadata(["part": 3])
                reported.open()
                await never.wait()
                try context.checkCancellation()
                return "unreachable"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            await reported.wait()
            for try await update in handle.updates where update.record.metadata["part"] == 3 {
                #expect(update.record.progress == TaskProgress(processed: 3, total: 4, message: "three"))
                break
            }
            store.script(.beat, [.replyLost, .replyLost])
            try await handle.cancel()
            _ = try await tasks.wait(for: handle.id, toBe: .cancelled)
            #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.cancelled])
        }
    }

    @Test func aTaskBegunByHandIsFoundWhenTheReplyWasLostAndEndedOnce() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        store.script(.enqueue, [.replyLost])
        let job = try await tasks.begin("job")
        store.script(.finish, [.replyLost, .refused])
        for _ in 0..<2 {
            let error = await #expect(throws: TaskError.self) { try await job.complete("once") }
            #expect(error?.code == .storeUnavailable)
        }
        try await job.complete("once")
        #expect(try await tasks.list().records.map(\.status) == [.done])
        #expect(try await tasks.attempts(of: job.id).map(\.outcome) == [.done])
    }

    @Test func aTaskThatCouldNotBeBegunIsNotLeftRunning() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        store.script(.enqueue, [.replyLost, .refused])
        store.script(.finish, [.refused, .replyLost])
        await #expect(throws: TaskError.self) { try await tasks.begin("job") }
        let id = try #require(try await tasks.list().records.first?.id)
        #expect(try await tasks.wait(for: id, toBe: .failed).error?.code == "abandoned")
    }

    @Test func theResultOfAClosureReachesTheStoreThoughItFailsForAWhile() async throws {
        let store = makeStore()
        let tasks = try await makeManager(store)
        store.script(.finish, [.refused, .replyLost, .refused])
        let value = try await tasks.run("import") { _ in 42 }
        #expect(value == 42)
        let record = try #require(try await tasks.list().records.first)
        #expect(record.status == .done && record.result?.text == "42")
    }

    @Test func aClosureWhoseResultCannotBeKeptIsNotLeftRunning() async throws {
        let tasks = try await makeManager(makeStore())
        await #expect(throws: TaskError.self) { try await tasks.run("import") { _ in "nul \u{0}" } }
        let id = try #require(try await tasks.list().records.first?.id)
        #expect(try await tasks.wait(for: id, toBe: .failed).error?.code == "abandoned")
    }

    /// Two workers on a store where every fifth call goes wrong in one of both ways.
    @Test(arguments: Seeds.fromEnvironment(count: 5).prefix(100))
    func underFaultsOfEveryKindEachTaskRunsOnceAndNoneIsLost(seed: UInt64) async throws {
        let memory = MemoryTaskStore(clock: ManualClock())
        let store = FaultyTaskStore(memory, seed: seed)
        let tasks = try await makeManager(store)
        let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: 100))
        let runs = Mutex<[TaskID: Int]>([:])
        let working: Set<StoreVerb> = [.claim, .beat, .finish, .rescue, .retire]
        store.fail(.refused, probability: 0.1, of: working)
        store.fail(.replyLost, probability: 0.1, of: working)
        let run = Run { context in
            runs.withLock { $0[context.id, default: 0] += 1 }
            return "done"
        }
        let configure: (inout TaskWorker.Configuration) -> Void = { $0.beatInterval = .milliseconds(20) }
        try await tasks.working(configure: configure) {
            run
        } body: {
            try await tasks.working(configure: configure) {
                run
            } body: {
                for handle in handles { _ = try await handle.value }
            }
        }
        #expect(runs.withLock { $0.count } == 100 && runs.withLock { $0.values.allSatisfy { $0 == 1 } })
        let healthy = try await makeManager(memory)
        for handle in handles {
            let outcomes = try await healthy.attempts(of: handle.id).map(\.outcome)
            #expect(outcomes.last == .done && outcomes.dropLast().allSatisfy { $0 == .released })
        }
        #expect(store.counts(.finish).repliesLost + store.counts(.claim).repliesLost > 0)
    }
}
