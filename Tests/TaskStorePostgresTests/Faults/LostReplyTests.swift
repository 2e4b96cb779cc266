import Foundation
import PostgresTestSupport
import Synchronization
import TaskCore
import TaskStorePostgres
import TaskTesting
import TestSupport
import Testing

/// Fault 2: the commit is done, and its reply is lost.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct LostReplyTests {
    @Test func anEnqueueWhoseReplyIsLostIsStoredOnceAndAnsweredByItself() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store(site.url(port: proxy.port)) { $0.connections = 2 }
        let task = NewTask(name: "quick")
        // So that the connections are open, one for work and one for looking.
        _ = try await store.queues()
        try await store.add("quick")
        await proxy.mute(.replies)
        async let answer = store.enqueue([EnqueueRequest(task)])
        try await site.wait(until: "EXISTS (SELECT FROM {s}.task WHERE id = '\(task.id)')")
        await proxy.cutAll()
        await proxy.unmute()
        #expect(try await answer[0].existingID == task.id)
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 2)
        await store.close()
    }

    @Test func aKeyedEnqueueWhoseReplyIsLostAnswersWithTheSameTaskWhenRepeated() async throws {
        let site = try await Site()
        let store = FaultyTaskStore(try site.store())
        store.script(.enqueue, [.replyLost])
        let task = NewTask(name: "quick", idempotency: IdempotencyKey("k"))
        await #expect(throws: TaskError.self) { try await store.enqueue([EnqueueRequest(task)]) }
        var again = task
        again.id = TaskID()
        for repeated in [task, again] {
            #expect(try await store.enqueue([EnqueueRequest(repeated)])[0].existingID == task.id)
        }
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 1)
        await store.close()
    }

    @Test func aFinishWhoseReplyIsLostIsAcceptedOnceAndItsResultStands() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store(site.url(port: proxy.port)) { $0.connections = 2 }
        let id = try await store.add("quick")
        let claimed = try #require(try await store.claim(1).first)
        await proxy.mute(.replies)
        let finishing = Task { try await store.finish([claimed.done("1")]) }
        try await site.wait(for: id, toBe: .done)
        await proxy.cutAll()
        await proxy.unmute()
        // The caller has to know that it does not know.
        await #expect { try await finishing.value } throws: { ($0 as? TaskError)?.code == .storeUnavailable }

        let before = try await store.record(id)
        #expect(try await store.finish([claimed.done("2")]) == [.stale])
        #expect(try await store.record(id) == before)
        #expect(before?.result?.text == "1")
        #expect(try await store.attempts(of: id).map(\.outcome) == [.done])
        await store.close()
    }

    @Test func aWorkerWhoseLinkIsCutAgainAndAgainGoesOnAndFinishesEverythingOnce() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store()
        var ids: [TaskID] = []
        for _ in 0..<300 { ids.append(try await store.add("effect", 20, maxAttempts: 100)) }
        let (worker, _) = try await site.worker(site.url(port: proxy.port), ["lease": "20", "concurrency": "8"])
        var cuts = 0
        for done in stride(from: 10, to: 300, by: 10) {
            try await site.wait(until: "(SELECT count(*) >= \(done) FROM {s}.task_done)")
            await proxy.cutAll()
            cuts += 1
        }
        try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
        let report = try await HistoryChecker(site: site).check(acknowledged: ids)
        print("link cut \(cuts) times: \(report)")
        #expect(worker.isRunning)
        #expect(report.violations == [])
        #expect(report.lostAttempts == 0)
        // What was claimed and not told is given back before it runs: nothing has run twice.
        #expect(report.duplicates == 0)
        await store.close()
    }

    @Test func manyLostRepliesLeaveEachTaskWithOneAcceptedOutcome() async throws {
        let site = try await Site()
        let faulty = FaultyTaskStore(try site.store(), seed: 5)
        let manager = try await TaskManager(store: faulty, migrating: false)
        faulty.fail(.replyLost, probability: 0.3, of: [.finish, .beat])
        faulty.fail(.refused, probability: 0.2, of: [.finish, .beat])
        var configuration = TaskWorker.Configuration(queues: [.init("default", concurrency: 8)])
        configuration.leaseDuration = .seconds(60)
        let worker = try TaskWorker(manager, configuration: configuration) { Count() }
        let ids = try await worker.whileRunning {
            let handles = try await manager.enqueue(Count.self, all: Array(0..<200))
            for (number, handle) in handles.enumerated() { #expect(try await handle.value == number) }
            return handles.map(\.id)
        }
        #expect(Count.runs.load(ordering: .relaxed) == 200)
        #expect(faulty.counts(.finish).repliesLost > 0)
        #expect(try await HistoryChecker(site: site).check(acknowledged: ids).violations == [])
        await manager.close()
    }

    @Test func lostRepliesOfEveryKindLoseAndDoubleNothing() async throws {
        let site = try await Site()
        let verbs: [StoreVerb] = [.enqueue, .claim, .finish, .beat]
        let stores = try (0..<3).map { FaultyTaskStore(try site.store(), seed: UInt64($0)) }
        let runs = Mutex<[TaskID: Int]>([:])
        // Claims, finishes and beats of two workers, and enqueues of four callers by way of a third store.
        let managers = try await [
            TaskManager(store: stores[0], migrating: false), TaskManager(store: stores[1], migrating: false),
        ]
        let workers = try managers.map { manager in
            var configuration = TaskWorker.Configuration(queues: [.init("default", concurrency: 16)])
            configuration.leaseDuration = .seconds(60)
            configuration.beatInterval = .milliseconds(20)
            return try TaskWorker(manager, configuration: configuration) {
                Counted { id in runs.withLock { $0[id, default: 0] += 1 } }
            }
        }
        for store in stores { store.fail(.replyLost, probability: 0.3, of: Set(verbs)) }
        let ids = try await workers[0].whileRunning {
            try await workers[1].whileRunning {
                let ids = try await withThrowingTaskGroup(of: [TaskID].self) { group in
                    for _ in 0..<4 { group.addTask { try await enqueue(125, on: stores[2]) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                try await site.wait(until: "NOT EXISTS (SELECT FROM {s}.task_live)")
                for store in stores { store.heal() }
                return ids
            }
        }
        let lost = verbs.map { verb in stores.reduce(0) { $0 + $1.counts(verb).repliesLost } }
        let report = try await HistoryChecker(site: site).check(acknowledged: ids)
        let released = try await site.count("SELECT count(*) FROM {s}.attempt WHERE outcome = 'released'")
        print("replies lost of \(verbs): \(lost); \(released) attempts given back; \(report)")
        #expect(lost.allSatisfy { $0 > 0 })
        #expect(report.violations == [])
        #expect(report.tasks == 500)
        // What was claimed and not told went back unused; no other attempt ended but by being done.
        #expect(released > 0)
        #expect(try await site.count("SELECT count(*) FROM {s}.attempt") == released)
        #expect(try await site.count("SELECT count(*) FROM {s}.task_done WHERE state = 3 AND attempts = 1") == 500)
        let counts = runs.withLock(\.self)
        #expect(counts.count == 500)
        #expect(counts.values.allSatisfy { $0 == 1 })
        for manager in managers { await manager.close() }
        await stores[2].close()
    }

    /// Enqueues tasks a few at a time, each call again and again until it is answered.
    private func enqueue(_ count: Int, on store: FaultyTaskStore) async throws -> [TaskID] {
        var ids: [TaskID] = []
        for _ in 0..<(count / 5) {
            let tasks = (0..<5).map { _ in NewTask(name: "counted") }
            while (try? await store.enqueue(tasks.map { EnqueueRequest($0) })) == nil {}
            ids += tasks.map(\.id)
        }
        return ids
    }

    /// Says which task it is.
    private struct Counted: TaskDefinition {
        static let name = "counted"
        let ran: @Sendable (TaskID) -> Void

        func run(_ input: NoValue, context: TaskContext) async throws -> NoValue {
            ran(context.id)
            return NoValue()
        }
    }

    private struct Count: TaskDefinition {
        static let name = "count"
        static let runs = Atomic(0)

        func run(_ input: Int, context: TaskContext) async throws -> Int {
            Self.runs.add(1, ordering: .relaxed)
            return input
        }
    }
}
