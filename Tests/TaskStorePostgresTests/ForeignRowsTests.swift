import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import Testing

/// Tasks that other languages stored, and rows that somebody wrote by hand.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(1))) struct ForeignRowsTests {
    @Test func metadataAreFoundHoweverTheirJSONIsWritten() async throws {
        let site = try await Site()
        let store = try site.store()
        // As Python and PHP write it.
        let json = #"{"number": 1, "text" :"x\/y", "word": "\u00e9", "truth":  true, "list": [1]}"#
        let rows = try await site.sql(
            "SELECT task FROM {s}.enqueue_and_notify(gen_random_uuid(), 'any', p_metadata => '\(json)')"
        )
        let id = try #require(rows.first?.first?.flatMap { TaskID($0) })
        try await store.add("any") { $0.metadata = ["number": 2, "text": "x"] }
        let members: [TaskMetadata] = [["number": 1], ["text": "x/y"], ["word": "é"], ["truth": true], ["list": [1]]]
        for member in members {
            let page = try await store.list(TaskQuery(TaskFilter(metadata: member), limit: 10))
            #expect(page.records.map(\.id) == [id], "\(member)")
        }
        #expect(try await store.list(TaskQuery(TaskFilter(metadata: ["number": "1"]), limit: 10)).records.isEmpty)
        #expect(try await store.cancel(.matching(TaskFilter(metadata: ["word": "é"])), limit: 10).map(\.id) == [id])
        await store.close()
    }

    @Test(arguments: [
        ("metadata", #"{"a": 1e999}"#), ("metadata", #"{"a": "\ud800"}"#), ("metadata", "[]"), ("metadata", "no JSON"),
        ("options", "5"), ("options", #"{"followUps": 5}"#),
    ])
    func aRowThatCannotBeReadKeepsNoOthersFromRunningOrBeingRescued(column: String, text: String) async throws {
        let site = try await Site()
        let store = try site.store()
        let foreign = try await store.add("foreign")
        let own = try await store.add("own")
        _ = try await site.sql("UPDATE {s}.task SET \(column) = '\(text)' WHERE id = '\(foreign)'")

        let claimed = try await store.claim(10, by: "lost")
        #expect(claimed.map(\.record.id) == [foreign, own])
        if column == "metadata" { #expect(claimed.first?.record.metadata == ["unreadable": true]) }
        // Its worker is gone, and the others' sweep finds both.
        _ = try await site.sql("UPDATE {s}.worker SET lease_until = now() - interval '1 s'")
        #expect(try await store.rescue(limit: 10).requeued == 2)
        #expect(try await store.list(TaskQuery(TaskFilter(), limit: 10)).records.count == 2)
        #expect(try await store.statistics(StatisticsQuery()).counts[.queued] == 2)

        let again = try await store.claim(10)
        #expect(try await store.finish(again.map { $0.done() }) == [.accepted(.done), .accepted(.done)])
        await store.close()
    }
}
