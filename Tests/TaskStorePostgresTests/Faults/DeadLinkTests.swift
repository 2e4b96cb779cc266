import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Faults 9, 10 and 11: connections that are dead and do not say so, and connections that are all in use.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct DeadLinkTests {
    @Test func aFrozenSessionIsGivenUpAtTheDeadlineAndTheNextCallGoesOn() async throws {
        let site = try await Site()
        let application = PostgresServer.uniqueName("frozen")
        let store = try site.store(site.url(application: application)) {
            $0.connections = 2
            $0.callTimeout = .seconds(2)
        }
        let id = try await store.add("quick")
        _ = try await store.record(id)
        let frozen = try await site.server.backends(application: application)
        for backend in frozen { try site.server.signal(backend, SIGSTOP) }
        let error = await #expect(throws: TaskError.self) { try await store.cancel(.ids([id]), limit: 1) }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.description.contains("in time") == true)
        await #expect(throws: TaskError.self) { try await store.record(id) }

        // With other sessions than those.
        let other = try await store.add("quick")
        #expect(try await store.record(other)?.status == .queued)
        for backend in frozen { try site.server.signal(backend, SIGCONT) }
        // All but the one for notifications, which nobody was kept waiting by, have been left.
        let pids = frozen.map { "\($0)" }.joined(separator: ",")
        try await site.wait(until: "(SELECT count(*) <= 1 FROM pg_stat_activity WHERE pid IN (\(pids)))")
        await store.close()
    }

    @Test func aMuteLinkIsGivenUpAtTheDeadlineAndTheNextCallGoesOn() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store(site.url(port: proxy.port)) {
            $0.connections = 2
            $0.callTimeout = .seconds(2)
            $0.listens = false
        }
        let id = try await store.add("quick")
        _ = try await store.record(id)
        let accepted = await proxy.counters().accepted
        await proxy.mute()
        await #expect { _ = try await store.record(id) } throws: { ($0 as? TaskError)?.code == .storeUnavailable }
        await #expect { try await store.add("quick") } throws: { ($0 as? TaskError)?.code == .storeUnavailable }
        await proxy.unmute()
        #expect(try await store.record(id)?.status == .queued)
        try await store.add("quick")
        #expect(await proxy.counters().accepted >= accepted + 2)
        await store.close()
    }

    @Test func anEnqueueThatIsTriedInTwoWaysEndsWithinTheTimeOfOneCall() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        await proxy.refuse()
        let store = try site.store(site.url(port: proxy.port)) {
            $0.callTimeout = .seconds(8)
            $0.listens = false
        }
        let start = ContinuousClock.now
        await #expect { try await store.add("quick") } throws: { ($0 as? TaskError)?.code == .storeUnavailable }
        // The promise is a time; with one for each way it would be at least 12 s.
        #expect(ContinuousClock.now - start < .seconds(11))
        await store.close()
    }

    @Test func aWorkerCutOffLongerThanItsLeaseStopsByItsOwnClockWhileAnotherRunsTheTask() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let store = try site.store()
        let (isolated, _) = try await site.worker(site.url(port: proxy.port), ["lease": "2", "drain": "1"])
        let id = try await store.add("slow")
        #expect(await isolated.line(after: "started \(id)") == " 1")
        let (other, _) = try await site.worker(nil, ["lease": "2"])
        await proxy.mute()
        // Nobody can tell it.
        #expect(await isolated.line(after: "cancelled \(id)") == " 1")
        #expect(await other.line(after: "started \(id)") == " 2")

        await proxy.unmute()
        isolated.signal(SIGTERM)
        #expect(await isolated.line(after: "stopped") != nil)
        let record = try #require(try await store.record(id))
        #expect(record.status == .running)
        #expect(record.fence == 2)
        #expect(try await store.attempts(of: id).map(\.outcome) == [.workerLost, nil])
        #expect(try await HistoryChecker(site: site).check(acknowledged: [id], isOver: false).violations == [])
        await store.close()
    }

    @Test func beatsGoOnWhileEveryWorkConnectionWaits() async throws {
        let site = try await Site()
        let store = try site.store()
        let application = PostgresServer.uniqueName("busy")
        // One connection for work, one for looking.
        let options = ["lease": "2", "connections": "2"]
        let (worker, name) = try await site.worker(site.url(application: application), options)
        let long = try await store.add("slow")
        let short = try await store.add("slow", 500)
        for _ in 0..<2 { #expect(await worker.line(after: "started ") != nil) }
        let holder = try PsqlSession(site.url)
        await holder.run("BEGIN; SELECT FROM \"\(site.schema)\".task_live WHERE id = '\(short)' FOR UPDATE")
        #expect(await worker.line(after: "ended \(short)") == " 1")
        try await site.wait(
            until:
                "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(application)' AND wait_event_type = 'Lock')"
        )

        // Three leases long.
        let moment = try await site.sql("SELECT now() + interval '8 s'")[0][0] ?? ""
        try await site.wait(
            until: "EXISTS (SELECT FROM {s}.worker WHERE name = '\(name)' AND lease_until > '\(moment)')"
        )
        #expect(try await store.rescue(limit: 100).total == 0)
        #expect(try await store.record(long)?.fence == 1)
        await holder.run("COMMIT")
        try await site.wait(for: short, toBe: .done)
        #expect(try await store.attempts(of: short).map(\.outcome) == [.done])
        await store.close()
    }
}
