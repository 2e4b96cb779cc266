import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 10 with a network of its own: the link between a worker and the server is pulled out, and nobody is told.
@Suite(
    .enabled(if: PostgresServer.isAvailable && NetworkNamespace.isAvailable, "needs root and ip netns"),
    .timeLimit(.minutes(5))
)
struct PartitionTests {
    @Test func aWorkerBehindAPulledLinkStopsByItsOwnClockAndGoesOnWhenItIsBack() async throws {
        let server = try await PostgresServer(.init(settings: ["listen_addresses": "*"]))
        let network = try await NetworkNamespace()
        let address = try await server.open(to: network.address)
        let site = try await Site(on: server)
        let store = try site.store()
        let options = ["lease": "2", "call-timeout": "5", "drain": "1"]
        let (isolated, _) = try await site.worker(address, options, launcher: network.launcher)
        let id = try await store.add("slow")
        #expect(await isolated.line(after: "started \(id)") == " 1")
        let (other, _) = try await site.worker(nil, options)
        await network.cut()
        // Nobody can tell it.
        #expect(await isolated.line(after: "cancelled \(id)") == " 1")
        #expect(await other.line(after: "started \(id)") == " 2")
        #expect(try await store.attempts(of: id).map(\.outcome) == [.workerLost, nil])

        await network.join()
        other.signal(SIGTERM)
        #expect(await other.line(after: "stopped") != nil)
        #expect(await isolated.line(after: "started \(id)") == " 3")
        isolated.signal(SIGTERM)
        #expect(await isolated.line(after: "stopped") != nil)
        #expect(try await store.attempts(of: id).map(\.outcome) == [.workerLost, .released, .released])
        #expect(try await HistoryChecker(site: site).check(acknowledged: [id], isOver: false).violations == [])
        await store.close()
        await network.remove()
        await server.remove()
    }
}
