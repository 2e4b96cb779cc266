import Synchronization
import TaskCore
import TaskTesting
import Testing

/// The store is away for a while: the worker stops what it may not go on with, and goes on by itself when the store is back.
@Suite(.timeLimit(.minutes(2))) struct StoreGoneTests {
    private static func quickly(_ configuration: inout TaskWorker.Configuration) {
        configuration.leaseDuration = .milliseconds(200)
        configuration.beatInterval = .milliseconds(40)
        configuration.stopGrace = .milliseconds(50)
    }

    @Test func aWorkerWithoutStoreStopsItsHandlersByItsOwnClockAndGoesOnWhenItIsBack() async throws {
        // The store's clock stands still: nobody but the worker itself finds that its lease is over.
        let store = FaultyTaskStore(MemoryTaskStore(clock: ManualClock()))
        let (started, stopped, never) = (Gate(), Gate(), Gate())
        let observed = Observed()
        try await observed.run(on: store) { tasks in
            try await tasks.working(configure: Self.quickly) {
                Run { context in
                    guard !started.isOpen else { return "second" }
                    started.open()
                    await never.wait()
                    #expect(context.isCancelled)
                    stopped.open()
                    try context.checkCancellation()
                    return "unreachable"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                store.fail(.refused, probability: 1)
                await stopped.wait()
                store.heal()
                #expect(try await handle.value == "second")
                // Given back by the worker that had stopped it.
                #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.released, .done])
                #expect(observed.lines("no heartbeat got through").map { $0.member("task_id") } == ["\(handle.id)"])
            }
        }
    }

    @Test func aWorkerWhoseStoreNeverAnswersStopsItsHandlersByItsOwnClock() async throws {
        let (started, stopped, never) = (Gate(), Gate(), Gate())
        let (away, back) = (Gate(), Gate())
        // A connection that is half open: calls neither end nor fail.
        let hang: @Sendable () async -> Void = { if away.isOpen { await back.wait() } }
        let store = HookedStore(MemoryTaskStore(clock: ManualClock())) {
            $0.beat = { _ in await hang() }
            $0.claim = { _ in await hang() }
            $0.finish = { _ in await hang() }
        }
        let tasks = try await makeManager(store)
        try await tasks.working(configure: Self.quickly) {
            Run { context in
                guard !started.isOpen else { return "second" }
                started.open()
                await never.wait()
                stopped.open()
                try context.checkCancellation()
                return "unreachable"
            }
        } body: {
            let handle = try await tasks.enqueue(Run.self)
            await started.wait()
            away.open()
            await stopped.wait()
            back.open()
            #expect(try await handle.value == "second")
        }
    }

    @Test func aHandlerThatStoppedIsNotCalledStuckWhileItsOutcomeWaitsForTheStore() async throws {
        let faulty = FaultyTaskStore(MemoryTaskStore(clock: ManualClock()))
        let (started, over, looked, never) = (Gate(), Gate(), Gate(), Gate())
        let beats = Counter()
        let observed = Observed()
        // Before its handler returned it may rightly be called stuck, on a machine that is busy enough.
        let reportsBefore = Mutex<Int64>(0)
        let store = HookedStore(faulty) {
            $0.finish = { _ in over.open() }
            // On the thread that looks for stuck handlers. Beats are 40 ms apart: at the eighth the grace is long over.
            $0.beat = { _ in
                guard over.isOpen else { return }
                let number = beats.next()
                if number == 1 { reportsBefore.withLock { $0 = observed.count("taskcore_stuck_handlers_total") } }
                if number == 8 { looked.open() }
            }
        }
        try await observed.run(on: store) { tasks in
            try await tasks.working(configure: Self.quickly) {
                Run { context in
                    guard !started.isOpen else { return "second" }
                    started.open()
                    await never.wait()
                    try context.checkCancellation()
                    return "unreachable"
                }
            } body: {
                let handle = try await tasks.enqueue(Run.self)
                await started.wait()
                faulty.fail(.refused, probability: 1)
                await looked.wait()
                #expect(observed.count("taskcore_stuck_handlers_total") == reportsBefore.withLock { $0 })
                faulty.heal()
                #expect(try await handle.value == "second")
            }
        }
    }

    @Test(arguments: [StoreVerb.claim, .beat, .finish, .rescue])
    func callsThatFailForAWhileAreRepeatedAndNothingIsLostOrRunTwice(_ verb: StoreVerb) async throws {
        let store = FaultyTaskStore(MemoryTaskStore(clock: ManualClock()))
        let tasks = try await makeManager(store)
        let runs = Counter()
        store.script(verb, Array(repeating: .refused, count: 5))
        try await tasks.working(configure: {
            $0.beatInterval = .milliseconds(5)
            $0.sweepInterval = .milliseconds(5)
            $0.pollInterval = .milliseconds(5)
        }) {
            Run { context in
                context.report(fraction: 0.5)
                // As long as it takes until the failures are over, whichever verb it is that fails.
                while verb != .finish, verb != .claim, store.counts(verb).refused < 5 { await Task.yield() }
                return "run \(runs.next())"
            }
        } body: {
            let handles = try await tasks.enqueue(Run.self, all: Array(repeating: NoValue(), count: 20))
            for handle in handles {
                _ = try await handle.value
                #expect(try await tasks.attempts(of: handle.id).map(\.outcome) == [.done])
            }
        }
        #expect(runs.value == 20)
        #expect(store.counts(verb).refused == 5)
    }
}
