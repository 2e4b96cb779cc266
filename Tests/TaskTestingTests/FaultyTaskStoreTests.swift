import TaskCore
import TaskTesting
import Testing

@Suite("FaultyTaskStore")
struct FaultyTaskStoreTests {
    let base = MemoryTaskStore(clock: ManualClock())
    let worker = WorkerID(rawValue: "w")

    @Test("without being told to fail it is the store it wraps", arguments: StoreConformance.checks)
    func isTransparent(_ check: StoreCheck) async throws {
        try await check.run { FaultyTaskStore(MemoryTaskStore(clock: $0)) }
    }

    @Test("a refused call does nothing")
    func refusedDoesNothing() async throws {
        let store = FaultyTaskStore(base)
        store.script(.enqueue, [.refused])
        let task = NewTask(name: "t")
        await #expect(throws: TaskError.self) { try await store.enqueue([EnqueueRequest(task)]) }
        #expect(try await base.tasks([task.id]) == [nil])
    }

    @Test("a call whose reply is lost did its work, and repeating it is harmless")
    func lostReplyDidItsWork() async throws {
        let store = FaultyTaskStore(base)
        store.script(.enqueue, [.replyLost])
        let task = NewTask(name: "t")
        await #expect(throws: TaskError.self) { try await store.enqueue([EnqueueRequest(task)]) }
        let stored = try #require(try await base.tasks([task.id])[0])
        #expect(try await store.enqueue([EnqueueRequest(task)]) == [.existing(stored)])
    }

    @Test("a script is followed call by call and counted")
    func scriptIsFollowed() async throws {
        let store = FaultyTaskStore(base)
        store.script(.queues, [nil, .refused, .replyLost])
        var results: [Bool] = []
        for _ in 0..<5 { results.append((try? await store.queues()) != nil) }
        #expect(results == [true, false, false, true, true])
        let counts = store.counts(.queues)
        #expect(counts.calls == 5)
        #expect(counts.refused == 1)
        #expect(counts.repliesLost == 1)
        #expect(counts.passed == 3)
    }

    @Test("equal seeds fail the same calls, and the share is near the probability")
    func seedsRepeat() async throws {
        func failures(seed: UInt64) async -> [Bool] {
            let store = FaultyTaskStore(base, seed: seed)
            store.fail(.refused, probability: 0.3, of: [.queues])
            var failed: [Bool] = []
            for _ in 0..<500 { failed.append((try? await store.queues()) == nil) }
            return failed
        }
        let first = await failures(seed: 7)
        #expect(await failures(seed: 7) == first)
        #expect(await failures(seed: 8) != first)
        #expect((100...200).contains(first.count { $0 }))
    }

    @Test("only the named verbs fail, and a healed store lets everything pass")
    func heals() async throws {
        let store = FaultyTaskStore(base)
        store.fail(.refused, probability: 1, of: [.claim])
        store.script(.list, [.refused])
        _ = try await store.queues()
        await #expect(throws: TaskError.self) { try await store.claim(ClaimRequest(worker: worker, queues: [])) }
        store.heal()
        _ = try await store.claim(ClaimRequest(worker: worker, queues: []))
        _ = try await store.list(TaskQuery())
    }

    @Test("every verb can fail", arguments: StoreVerb.allCases)
    func everyVerbFails(_ verb: StoreVerb) async throws {
        let store = FaultyTaskStore(base)
        store.fail(.refused, probability: 1)
        await #expect(throws: TaskError.self) {
            switch verb {
            case .enqueue: _ = try await store.enqueue([])
            case .claim: _ = try await store.claim(ClaimRequest(worker: worker, queues: []))
            case .beat: _ = try await store.beat(WorkerBeat(worker: worker))
            case .finish: _ = try await store.finish([])
            case .retire: try await store.retire(worker)
            case .rescue: _ = try await store.rescue(limit: 1)
            case .cancel: _ = try await store.cancel(.ids([]), limit: 1)
            case .retry: _ = try await store.retry(.ids([]), changes: .none, limit: 1)
            case .update: _ = try await store.update(TaskID(), changes: .none, expectedVersion: nil)
            case .setPaused: try await store.setPaused(true, queue: "q")
            case .prune: _ = try await store.prune(.finished(olderThan: .zero), limit: 1)
            case .tasks: _ = try await store.tasks([])
            case .list: _ = try await store.list(TaskQuery())
            case .statistics: _ = try await store.statistics(StatisticsQuery())
            case .attempts: _ = try await store.attempts(of: TaskID())
            case .queues: _ = try await store.queues()
            case .workers: _ = try await store.workers()
            case .changes: _ = try await store.changes(since: nil, limit: 1)
            case .migrate: try await store.migrate()
            }
        }
        #expect(store.counts(verb).refused == 1)
    }
}
