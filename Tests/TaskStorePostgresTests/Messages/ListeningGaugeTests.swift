import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// The gauge that says whether a store is told of changes, or looks by itself.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct ListeningGaugeTests {
    private let gauge = "taskcore_postgres_listening"

    /// Stays subscribed for as long as it lives, so that the store has a reason to listen.
    private func subscribe(_ store: PostgresTaskStore) -> Task<Void, Never> {
        Task { for await _ in store.signals(.work) {} }
    }

    @Test func itIsOneWhileListeningZeroOnceTheSessionIsEndedAndOneAgain() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let application = PostgresServer.uniqueName("listener")
        let observed = try ObservedStore(site) {
            $0.listenAddress = site.url(port: proxy.port, application: application)
        }
        let subscription = subscribe(observed.store)
        for _ in 0..<3 {
            try await observed.wait(until: gauge, says: 1)
            await proxy.refuse()
            #expect(try await site.server.terminate(application: application) == 1)
            try await observed.wait(until: gauge, says: 0)
            // The next tries fail too.
            let refused = await proxy.counters().refused
            while await proxy.counters().refused == refused { try await Task.sleep(for: .milliseconds(5)) }
            #expect(observed.values(gauge).last == 0)
            await proxy.refuse(false)
        }
        try await observed.wait(until: gauge, says: 1)
        subscription.cancel()
        await observed.store.close()
    }

    @Test func itIsZeroOnceALinkThatDiedSilentlyIsNoticed() async throws {
        let site = try await Site()
        let proxy = try TCPProxy(to: site.server.port)
        let observed = try ObservedStore(site) { $0.listenAddress = site.url(port: proxy.port) }
        let subscription = subscribe(observed.store)
        try await observed.wait(until: gauge, says: 1)
        await proxy.mute()
        try await observed.wait(until: gauge, says: 0)
        await proxy.cutAll()
        await proxy.unmute()
        try await observed.wait(until: gauge, says: 1)
        subscription.cancel()
        await observed.store.close()
    }

    @Test func itIsZeroWhereTheStoreIsNotToListen() async throws {
        let site = try await Site()
        let observed = try ObservedStore(site) { $0.listens = false }
        let subscription = subscribe(observed.store)
        try await observed.wait(until: gauge, says: 0)
        try await observed.store.add("quick")
        #expect(observed.values(gauge).allSatisfy { $0 == 0 })
        subscription.cancel()
        await observed.store.close()
    }

    @Test(.enabled(if: PgBouncer.isAvailable)) func itIsZeroBehindPgBouncerAndOneWithADirectAddressToListenOn()
        async throws
    {
        let site = try await Site()
        let bouncer = try await PgBouncer(before: site.server)
        let behind = try ObservedStore(site, bouncer.url())
        let direct = try ObservedStore(site, bouncer.url()) { $0.listenAddress = site.url }
        let subscriptions = [subscribe(behind.store), subscribe(direct.store)]
        try await behind.wait(until: gauge, says: 0)
        try await direct.wait(until: gauge, says: 1)
        try await behind.store.add("quick")
        #expect(behind.values(gauge).allSatisfy { $0 == 0 })
        #expect(direct.values(gauge).last == 1)
        for subscription in subscriptions { subscription.cancel() }
        await behind.store.close()
        await direct.store.close()
    }

    @Test func itIsZeroOnceTheStoreIsClosed() async throws {
        let site = try await Site()
        let observed = try ObservedStore(site)
        let subscription = subscribe(observed.store)
        try await observed.wait(until: gauge, says: 1)
        subscription.cancel()
        await observed.store.close()
        #expect(observed.values(gauge).last == 0)
    }
}
