import Foundation
import PostgresTestSupport
import Synchronization
import TaskCore
import TaskStorePostgres
import Testing

/// Fault 18: commands against workers, each with a store of its own.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(30))) struct RacesAcrossStoresTests {
    private static let rounds = isSoak ? 10_000 : 500

    /// Runs a round again and again on two stores, and has the history checked.
    private func repeated(
        _ round: @Sendable (_ worker: PostgresTaskStore, _ commander: PostgresTaskStore) async throws -> TaskID
    ) async throws {
        let site = try await Site()
        let (worker, commander) = (try site.store(), try site.store())
        var ids: [TaskID] = []
        for _ in 0..<Self.rounds { ids.append(try await round(worker, commander)) }
        #expect(try await HistoryChecker(site: site).check(acknowledged: ids).violations == [])
        await worker.close()
        await commander.close()
    }

    private func cancel(_ id: TaskID, on store: PostgresTaskStore) async throws -> CommandResult.Outcome? {
        try await store.cancel(.ids([id]), limit: 1).first?.outcome
    }

    @Test func completeAgainstCancelEndsAsDoneAndTheCancellerLearnsWhich() async throws {
        try await repeated { worker, commander in
            let id = try await commander.add("quick")
            let claimed = try #require(try await worker.claim(1).first)
            async let cancelling = cancel(id, on: commander)
            let finish = try await worker.finish([claimed.done()])
            let cancelled = try await cancelling
            let record = try #require(try await commander.record(id))
            #expect(finish == [.accepted(.done)])
            #expect(record.status == .done)
            if case .accepted(.running, _) = cancelled {
                #expect(record.cancelRequestedAt != nil)
            } else {
                #expect(cancelled == .refused(.done))
                #expect(record.cancelRequestedAt == nil)
            }
            return id
        }
    }

    @Test func failureAgainstCancelEndsAsCancelled() async throws {
        try await repeated { worker, commander in
            let id = try await commander.add("quick")
            let claimed = try #require(try await worker.claim(1).first)
            let failure = TaskFailure(code: "boom", message: "It broke.", isRetryable: true)
            async let cancelling = cancel(id, on: commander)
            let finish = try await worker.finish([
                Finish(lease: claimed.lease, outcome: .failed(failure, retryAfter: .zero))
            ])
            let cancelled = try await cancelling
            #expect(try await commander.record(id)?.status == .cancelled)
            switch cancelled {
            case .accepted(.running, _): #expect(finish == [.accepted(.cancelled)])
            case .accepted(.cancelled, _): #expect(finish == [.accepted(.queued)])
            default: Issue.record("told \(String(describing: cancelled))")
            }
            return id
        }
    }

    @Test func claimAgainstCancelRunsOrIsCancelledAndNeverBoth() async throws {
        try await repeated { worker, commander in
            let id = try await commander.add("quick")
            async let cancelling = cancel(id, on: commander)
            let claimed = try await worker.claim(1)
            let cancelled = try await cancelling
            let status = try await commander.record(id)?.status
            if let claim = claimed.first {
                #expect(status == .running)
                guard case .accepted(.running, _) = cancelled else {
                    Issue.record("told \(String(describing: cancelled))")
                    return id
                }
                let finish = Finish(lease: claim.lease, outcome: .cancelled)
                #expect(try await worker.finish([finish]) == [.accepted(.cancelled)])
            } else {
                #expect(status == .cancelled)
                guard case .accepted(.cancelled, _) = cancelled else {
                    Issue.record("told \(String(describing: cancelled))")
                    return id
                }
            }
            return id
        }
    }

    @Test func retryAgainstCancelLeavesOneStatusThatBothWereTold() async throws {
        try await repeated { worker, commander in
            let id = try await commander.add("quick")
            _ = try await cancel(id, on: commander)
            async let cancelling = cancel(id, on: commander)
            let retried = try await worker.retry(.ids([id]), changes: .none, limit: 1).first?.outcome
            let cancelled = try await cancelling
            guard case .accepted(.queued, _) = retried else {
                Issue.record("told \(String(describing: retried))")
                return id
            }
            let status = try await commander.record(id)?.status
            if case .accepted(.cancelled, _) = cancelled {
                #expect(status == .cancelled)
            } else {
                #expect(status == .queued)
                _ = try await cancel(id, on: commander)
            }
            return id
        }
    }

    @Test func nothingIsClaimedAfterAPauseWasAnswered() async throws {
        try await repeated { worker, commander in
            let ids = [try await commander.add("quick"), try await commander.add("quick")]
            async let pausing: Void = commander.setPaused(true, queue: "default")
            var claimed = try await worker.claim(1)
            try await pausing
            #expect(try await worker.claim(10).isEmpty)
            try await commander.setPaused(false, queue: "default")
            claimed += try await worker.claim(10)
            #expect(Set(claimed.map(\.record.id)) == Set(ids))
            #expect(try await worker.finish(claimed.map { $0.done() }).allSatisfy { $0 == .accepted(.done) })
            return ids[0]
        }
    }

    @Test func finishAgainstRescueEndsTheAttemptOnce() async throws {
        try await repeated { worker, commander in
            let id = try await commander.add("quick", maxAttempts: 1)
            // A lease that is over at once.
            let claimed = try #require(try await worker.claim(1, by: "w-\(id)", lease: .microseconds(1)).first)
            async let rescuing = commander.rescue(limit: 100)
            let finish = try await worker.finish([claimed.done()])
            let rescued = try await rescuing
            let status = try await commander.record(id)?.status
            if finish == [.accepted(.done)] {
                #expect(status == .done)
                #expect(rescued.total == 0)
            } else {
                #expect(finish == [.stale])
                #expect(status == .failed)
                #expect(rescued.failed == 1)
            }
            return id
        }
    }

    @Test func finishAgainstCancelAgainstRescueEndsTheAttemptOnceAndEachLearnsHow() async throws {
        let endings = Mutex<[String: Int]>([:])
        try await repeated { worker, commander in
            let id = try await commander.add("quick", maxAttempts: 3)
            // A lease that is over at once.
            let claimed = try #require(try await worker.claim(1, by: "w-\(id)", lease: .microseconds(1)).first)
            async let rescuing = commander.rescue(limit: 100)
            async let cancelling = cancel(id, on: commander)
            let finish = try await worker.finish([claimed.done()])
            let (rescued, cancelled) = (try await rescuing, try await cancelling)
            let record = try #require(try await commander.record(id))
            let outcomes = try await commander.attempts(of: id).map(\.outcome)
            if finish == [.accepted(.done)] {
                #expect(record.status == .done)
                #expect(outcomes == [.done])
                #expect(rescued.total == 0)
                if case .accepted(.running, _) = cancelled {
                    #expect(record.cancelRequestedAt != nil)
                } else {
                    #expect(cancelled == .refused(.done))
                    #expect(record.cancelRequestedAt == nil)
                }
            } else {
                #expect(finish == [.stale])
                #expect(record.status == .cancelled)
                #expect(outcomes == [.workerLost])
                switch cancelled {
                case .accepted(.running, _): #expect(rescued.cancelled == 1 && rescued.total == 1)
                case .accepted(.cancelled, _): #expect(rescued.requeued == 1 && rescued.total == 1)
                default: Issue.record("told \(String(describing: cancelled))")
                }
            }
            let told =
                if case .accepted(let status, _) = cancelled { "accepted as \(status.rawValue)" } else { "refused" }
            let ending = "\(finish == [.stale] ? "stale" : "done"), cancel \(told), rescued \(rescued.total)"
            endings.withLock { $0[ending, default: 0] += 1 }
            return id
        }
        print("finish, cancel and rescue at once: \(endings.withLock(\.self))")
    }
}
