import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 8: notifications are lost, and it says so or does not.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct ListenerTests {
    /// A worker process that listens by way of a proxy, and what its listening session is called.
    private struct Listener {
        let site: Site
        let proxy: TCPProxy
        let worker: TestProcess
        let store: PostgresTaskStore
        let application = PostgresServer.uniqueName("listener")

        /// - Parameter poll: How often it looks by itself, in seconds.
        init(poll: String) async throws {
            site = try await Site()
            proxy = try TCPProxy(to: site.server.port)
            let address = site.url(port: proxy.port, application: application)
            worker = try await site.worker(nil, ["listen-url": address, "poll": poll]).process
            store = try site.store()
            try await waitUntilListening()
        }

        func waitUntilListening(after moment: String = "-infinity") async throws {
            try await site.wait(until: "EXISTS (\(sessions("true", after: moment)))")
        }

        private func sessions(_ columns: String, after moment: String) -> String {
            """
            SELECT \(columns) FROM pg_stat_activity
            WHERE application_name = '\(application)' AND state = 'idle' AND backend_start > '\(moment)'
                AND (query LIKE 'LISTEN%' OR query LIKE '%pg_listening_channels%')
            """
        }

        /// How long after a moment the session began that listens now.
        func secondsUntilListening(after moment: String) async throws -> Double {
            while true {
                try await waitUntilListening(after: moment)
                // It may be about something else by now: then it is looked for again.
                let rows = try await site.sql(
                    sessions("extract(epoch FROM backend_start - '\(moment)')", after: moment)
                )
                if let seconds = rows.first?.first?.flatMap(Double.init) { return seconds }
            }
        }

        func now() async throws -> String { try await site.sql("SELECT clock_timestamp()")[0][0] ?? "" }

        /// Enqueues a task and answers how many seconds later it was started, by the server's clock.
        func secondsUntilStarted() async throws -> Double {
            let id = try await store.add("quick")
            try await site.wait(for: id, toBe: .done)
            guard let record = try await store.record(id), let startedAt = record.startedAt else { return .infinity }
            return startedAt.timeIntervalSince(record.createdAt)
        }
    }

    @Test func aTerminatedListenerIsReplacedByPollingWithinASecondAndListensAgainWithinFive() async throws {
        // Only hints, or the store's own polling in their place, make this worker look.
        let listener = try await Listener(poll: "3600")
        let listening = try await listener.secondsUntilStarted()
        await listener.proxy.refuse()
        #expect(try await listener.site.server.terminate(application: listener.application) == 1)
        var polling: [Double] = []
        for _ in 0..<5 { polling.append(try await listener.secondsUntilStarted()) }
        let moment = try await listener.now()
        await listener.proxy.refuse(false)
        let again = try await listener.secondsUntilListening(after: moment)
        let after = try await listener.secondsUntilStarted()
        print(
            "listening \(listening) s; terminated: polls \(polling) s; listens again after \(again) s, then \(after) s"
        )
        // A second is promised; the rest is this machine's.
        #expect(polling.allSatisfy { $0 < 2 })
        #expect(again <= 5)
        await listener.store.close()
    }

    @Test func aListenerThatIsTerminatedAndMayComeBackDoesSoWithinFiveSeconds() async throws {
        let listener = try await Listener(poll: "3600")
        for _ in 0..<3 {
            let moment = try await listener.now()
            #expect(try await listener.site.server.terminate(application: listener.application) == 1)
            #expect(try await listener.secondsUntilListening(after: moment) <= 5)
            #expect(try await listener.secondsUntilStarted() < 2)
        }
        await listener.store.close()
    }

    @Test func aLinkThatDiesSilentlyIsNoticedAndTasksStartWithinAPollMeanwhile() async throws {
        let listener = try await Listener(poll: "1")
        let accepted = await listener.proxy.counters().accepted
        await listener.proxy.mute()
        var seconds: [Double] = []
        // It is noticed when a connection is tried anew; until then, and while that one is mute too, the worker looks by itself.
        while await listener.proxy.counters().accepted == accepted {
            seconds.append(try await listener.secondsUntilStarted())
        }
        let moment = try await listener.now()
        await listener.proxy.cutAll()
        await listener.proxy.unmute()
        let again = try await listener.secondsUntilListening(after: moment)
        let after = try await listener.secondsUntilStarted()
        print("mute: \(seconds.max() ?? 0) s at most; listens again after \(again) s, then \(after) s")
        #expect(seconds.allSatisfy { $0 < 2 })
        #expect(again <= 5)
        await listener.store.close()
    }
}
