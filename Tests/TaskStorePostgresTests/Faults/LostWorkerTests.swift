import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Faults 1, 4 and 5: workers that die, freeze or are told to go.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(10))) struct LostWorkerTests {
    /// How often a worker is killed under default settings; each costs half a minute, so only `make soak` does it.
    static let kills = ProcessInfo.processInfo.environment["TASKCORE_KILLS"].flatMap { Int($0) } ?? 20

    @Test func aKilledWorkersTaskRunsAgainWithinFourSecondsOfATwoSecondLease() async throws {
        let site = try await Site()
        let seconds = try await secondsUntilRunAgain(site, ["lease": "2"])
        print("killed with a 2 s lease: ran again after \(seconds) s")
        #expect(seconds <= 4)
    }

    @Test(.enabled(if: isSoak), .timeLimit(.minutes(60)))
    func killedWorkersTasksRunAgainWithinThirtySecondsByDefault() async throws {
        var all: [Double] = []
        for _ in 0..<Self.kills { all.append(try await secondsUntilRunAgain(try await Site(), [:])) }
        all.sort()
        print("killed with defaults: \(all.count) kills, p50 \(all[all.count / 2]) s, p99 \(all.last ?? 0) s")
        #expect((all.last ?? 0) <= 30)
    }

    /// Kills a worker in the middle of a task at a random moment while another stands by, and measures by the server's clock.
    private func secondsUntilRunAgain(_ site: Site, _ options: [String: String]) async throws -> Double {
        let store = try site.store()
        let id = try await store.add("slow")
        let (victim, name) = try await site.worker(nil, options)
        guard await victim.line(after: "started \(id)") != nil else { throw Site.Missing("a started task", victim) }
        let (other, _) = try await site.worker(nil, options)
        // Somewhere between two beats.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0..<1000)))
        let killedAt = try await site.sql("SELECT extract(epoch FROM clock_timestamp())")[0][0].flatMap(Double.init)
        victim.kill()
        #expect(await other.line(after: "started \(id)") == " 2")

        let record = try #require(try await store.record(id))
        #expect(record.status == .running)
        #expect(record.attempts == 2)
        #expect(record.error?.code == "worker_lost")
        let attempts = try await store.attempts(of: id)
        #expect(attempts.map(\.outcome) == [.workerLost, nil])
        #expect(attempts.first?.worker.rawValue == name)
        await store.close()
        return (record.startedAt?.timeIntervalSince1970 ?? .infinity) - (killedAt ?? 0)
    }

    @Test func aFrozenWorkersLateWritesAreStaleAndItsHandlerIsCancelled() async throws {
        let site = try await Site()
        let store = try site.store()
        // It ends by itself just after the thaw, so that it has something to write.
        let id = try await store.add("slow")
        let quick = try await store.add("slow", 1500)
        let (frozen, _) = try await site.worker(nil, ["lease": "2"])
        for _ in 0..<2 { #expect(await frozen.line(after: "started ") != nil) }
        frozen.signal(SIGSTOP)
        let (other, _) = try await site.worker(nil, ["lease": "2"])
        for _ in 0..<2 { #expect(await other.line(after: "started ") != nil) }
        try await site.wait(for: quick, toBe: .done)
        let before = try #require(try await store.record(quick))

        frozen.signal(SIGCONT)
        #expect(await frozen.line(after: "cancelled \(id)") == " 1")
        // It drains first, and with that writes whatever it has.
        frozen.signal(SIGTERM)
        #expect(await frozen.line(after: "stopped") != nil)

        #expect(try await store.record(quick) == before)
        let record = try #require(try await store.record(id))
        #expect(record.status == .running)
        #expect(record.fence == 2)
        #expect(try await store.attempts(of: id).map(\.outcome) == [.workerLost, nil])
        #expect(try await store.attempts(of: quick).map(\.outcome) == [.workerLost, .done])
        let report = try await HistoryChecker(site: site).check(acknowledged: [id, quick], isOver: false)
        #expect(report.violations == [])
        await store.close()
    }

    @Test func aWorkerThatIsToldToGoClaimsNoMoreAndGivesBackWhatItCannotFinish() async throws {
        let site = try await Site()
        let store = try site.store()
        let long = try await store.add("slow")
        let short = try await store.add("slow", 1500)
        let (worker, name) = try await site.worker(nil, ["concurrency": "2", "drain": "5"])
        for _ in 0..<2 { #expect(await worker.line(after: "started ") != nil) }
        worker.signal(SIGTERM)
        #expect(await worker.line(after: "draining") != nil)
        let later = try await store.add("quick")
        #expect(await worker.line(after: "stopped") != nil)
        #expect(await worker.status() == 0)

        #expect(try await store.record(short)?.status == .done)
        let left = try #require(try await store.record(long))
        #expect(left.status == .queued)
        #expect(left.attempts == 0)
        #expect(left.runAt <= left.updatedAt)
        #expect(try await store.attempts(of: long).map(\.outcome) == [.released])
        #expect(try await store.record(later)?.status == .queued)
        #expect(try await store.record(later)?.fence == 0)
        #expect(try await store.workers().contains { $0.id.rawValue == name } == false)
        await store.close()
    }
}
