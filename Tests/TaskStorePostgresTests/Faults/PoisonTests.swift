import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Faults 21 and 22: tasks that cannot succeed, and values that cannot be kept.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct PoisonTests {
    @Test func poisonAndUnknownNamesFailWithTheirAttemptsRecordedAndTheQueueGoesOn() async throws {
        let site = try await Site()
        let store = try site.store()
        let poison = try await store.add("poison", maxAttempts: 3)
        let unknown = try await store.add("nobody-knows-it", maxAttempts: 2)
        let undecodable = try await store.add("quick", maxAttempts: 2) { $0.input = JSONText(trusted: "\"text\"") }
        let (worker, _) = try await site.worker(nil, ["concurrency": "1"])
        var good: [TaskID] = []
        for _ in 0..<20 { good.append(try await store.add("quick", 3)) }
        for id in good { try await site.wait(for: id, toBe: .done) }
        for id in [poison, unknown, undecodable] { try await site.wait(for: id, toBe: .failed) }

        for (id, attempts, code) in [
            (poison, 3, "handler_error"), (unknown, 2, "unknown_task_name"), (undecodable, 2, "undecodable_input"),
        ] {
            let record = try #require(try await store.record(id))
            #expect(record.error?.code == code)
            #expect(record.attempts == attempts)
            let history = try await store.attempts(of: id)
            #expect(history.map(\.outcome) == Array(repeating: .failed, count: attempts))
            #expect(history.map(\.number) == Array(1...attempts))
            #expect(history.allSatisfy { $0.failure?.code == code })
        }
        #expect(worker.isRunning)
        #expect(
            try await HistoryChecker(site: site).check(acknowledged: good + [poison, unknown, undecodable]).violations
                == []
        )
        await store.close()
    }

    @Test func aFailureIsTriedAgainOnlyAfterItsBackoff() async throws {
        let site = try await Site()
        let store = try site.store()
        let id = try await store.add("quick")
        let claimed = try #require(try await store.claim(1).first)
        let failure = TaskFailure(code: "boom", message: "It broke.", isRetryable: true)
        let finish = Finish(lease: claimed.lease, outcome: .failed(failure, retryAfter: .seconds(3600)))
        #expect(try await store.finish([finish]) == [.accepted(.queued)])
        let record = try #require(try await store.record(id))
        #expect(record.runAt == record.updatedAt + 3600)
        #expect(try await store.claim(10).isEmpty)
        await store.close()
    }

    @Test func failuresOfAnySizeAndWithAnyCharactersAreWritten() async throws {
        let site = try await Site()
        let store = try site.store()
        let texts = [
            String(repeating: "x", count: 10 << 20), "before\0after",
            String(decoding: [0xFF, 0xC0, 0x61], as: UTF8.self),
            String(repeating: "\0", count: 100), String(repeating: "👩‍👩‍👧‍👦", count: 1 << 18), "\u{FFFF}\u{10FFFF}",
        ]
        for text in texts {
            let id = try await store.add("quick")
            let claimed = try #require(try await store.claim(1).first)
            let failure = TaskFailure(code: text, message: text, isRetryable: true)
            let finish = Finish(lease: claimed.lease, outcome: .failed(failure, retryAfter: nil))
            #expect(try await store.finish([finish]) == [.accepted(.failed)])
            let record = try #require(try await store.record(id))
            #expect(record.error == failure)
            #expect((record.error?.message.utf8.count ?? 0) <= (8 << 10) + "…".utf8.count)
            #expect(record.error?.message.utf8.contains(0) == false)
        }
        await store.close()
    }

    @Test func whatCannotBeKeptIsRefusedAndHoldsNothingElseUp() async throws {
        let site = try await Site()
        let store = try site.store()
        let bad = [
            NewTask(name: "a\0b"), NewTask(name: "quick", input: JSONText(trusted: "\"\0\"")),
            NewTask(name: "quick", owner: "\0"),
            NewTask(name: "quick", uniqueKey: "\0"), NewTask(name: "quick", idempotency: IdempotencyKey("\0")),
        ]
        for task in bad {
            await #expect { _ = try await store.enqueue([EnqueueRequest(task)]) } throws: {
                ($0 as? TaskError)?.code == .invalidInput
            }
        }
        // Those that share a transaction with one of them are stored all the same.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { try await store.add("quick") } }
            for _ in 0..<10 {
                group.addTask { _ = try? await store.enqueue([EnqueueRequest(NewTask(name: "a\0b"))]) }
            }
            try await group.waitForAll()
        }
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 50)
        // In JSON, U+0000 is six characters.
        let escaped = NewTask(name: "escaped", input: JSONText(trusted: #""\u0000""#))
        _ = try await store.enqueue([EnqueueRequest(escaped)])
        #expect(try await store.record(escaped.id)?.input.text == #""\u0000""#)
        await store.close()
    }

    @Test(arguments: [Int64.min / 2, .min]) func whatTheServerRefusesForItsValueIsInvalidInput(seconds: Int64)
        async throws
    {
        let site = try await Site()
        let store = try site.store()
        // Its end is before the server's first date.
        await #expect { _ = try await store.claim(1, lease: .seconds(seconds)) } throws: {
            ($0 as? TaskError)?.code == .invalidInput
        }
        try await store.add("quick")
        #expect(try await store.claim(1).count == 1)
        await store.close()
    }

    @Test func anOutcomeThatTheServerRefusesIsRefusedForGoodAndIsNoFaultOfTheServers() async throws {
        let site = try await Site()
        let store = try site.store()
        try await store.add("quick")
        let lease = try #require(try await store.claim(1).first).lease
        let followUp = NewTask(name: "next", idempotency: IdempotencyKey("f", timeToLive: .seconds(Int64.min / 2)))
        let outcome = Finish.Outcome.done(result: .null, followUps: [followUp])
        await #expect { _ = try await store.finish([Finish(lease: lease, outcome: outcome)]) } throws: {
            ($0 as? TaskError)?.code == .invalidInput
        }
        let failure = TaskFailure(code: "refused", message: "It was.", isRetryable: false)
        #expect(
            try await store.finish([Finish(lease: lease, outcome: .failed(failure, retryAfter: nil))])
                == [.accepted(.failed)]
        )
        await store.close()
    }

    @Test func resultsThatCannotBeKeptFailTheirTasksAndNothingElse() async throws {
        let site = try await Site()
        let manager = try await TaskManager(store: try site.store(), migrating: false)
        #expect(throws: (any Error).self) { try JSONText(validating: String(repeating: "[", count: 100_000)) }
        let worker = try TaskWorker(manager) {
            Returns()
            Throws()
        }
        try await worker.whileRunning {
            var options = EnqueueOptions()
            options.maxAttempts = 1
            let huge = try await manager.enqueue(Returns.self, 50 << 20, options: options)
            let loud = try await manager.enqueue(Throws.self, 10 << 20, options: options)
            let small = try await manager.enqueue(Returns.self, 3, options: options)
            #expect(try await small.value == "xxx")
            await #expect { _ = try await huge.value } throws: { ($0 as? TaskError)?.code == .taskFailed }
            await #expect { _ = try await loud.value } throws: { ($0 as? TaskError)?.code == .taskFailed }
        }
        await manager.close()
    }

    private struct Returns: TaskDefinition {
        static let name = "returns"
        func run(_ input: Int, context: TaskContext) async throws -> String { String(repeating: "x", count: input) }
    }

    private struct Throws: TaskDefinition {
        struct Loud: Error, CustomStringConvertible { let description: String }
        static let name = "throws"
        func run(_ input: Int, context: TaskContext) async throws -> String {
            throw Loud(description: "\0" + String(repeating: "x", count: input))
        }
    }
}
