import Foundation
import PostgresTestSupport
import TaskCore
import TaskStorePostgres
import TestSupport
import Testing

/// Fault 17: the same task, enqueued by many at once.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(5))) struct DuplicateEnqueueTests {
    @Test(arguments: ["key", "unique"]) func hundredEnqueuesOfOneKeyByFourProcessesAreOneTask(kind: String) async throws
    {
        let site = try await Site()
        let processes = try (0..<4).map { _ in try site.process("enqueue", nil, ["count": "25", kind: "k"]) }
        for process in processes { #expect(await process.line(after: "ready") != nil) }
        for process in processes { process.send("go") }
        var answers: [String] = []
        for process in processes {
            for await line in process.lines where line != "stopped" { answers.append(line) }
        }
        #expect(answers.count == 100)
        #expect(answers.count { $0.hasPrefix("inserted ") } == 1)
        #expect(answers.count { $0.hasPrefix("existing ") } == 99)
        #expect(Set(answers.map { $0.suffix(36) }).count == 1)
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 1)
        #expect(try await site.count("SELECT count(*) FROM {s}.task_live") == 1)
    }

    @Test(arguments: ["key", "unique"]) func aWinnerThatIsRolledBackLeavesOneOfTheWaitingWithTheTask(kind: String)
        async throws
    {
        let site = try await Site()
        // Its transaction is the caller's own, and has the key first.
        let winner = try PsqlSession(site.url)
        let parameter = kind == "key" ? "p_idempotency_key" : "p_unique_key"
        let id = TaskID()
        let answer = await winner.run(
            "BEGIN; SELECT outcome FROM \"\(site.schema)\".enqueue('\(id)', 'quick', '1', \(parameter) => 'k')"
        )
        #expect(answer == ["inserted"])
        let processes = try (0..<2).map { _ in
            try site.process("enqueue", site.url(application: site.schema), ["count": "50", kind: "k"])
        }
        for process in processes { #expect(await process.line(after: "ready") != nil) }
        for process in processes { process.send("go") }
        try await site.wait(
            until:
                "(SELECT count(*) >= 2 FROM pg_stat_activity WHERE application_name = '\(site.schema)' AND wait_event_type = 'Lock')"
        )
        await winner.run("ROLLBACK")
        var answers: [String] = []
        for process in processes {
            for await line in process.lines where line != "stopped" { answers.append(line) }
        }
        #expect(answers.count == 100)
        #expect(answers.count { $0.hasPrefix("inserted ") } == 1)
        #expect(Set(answers.map { $0.suffix(36) }).count == 1)
        #expect(answers.contains { $0.hasSuffix(id.description) } == false)
        #expect(try await site.count("SELECT count(*) FROM {s}.task") == 1)
        #expect(try await site.count("SELECT count(*) FROM {s}.idempotency") == (kind == "key" ? 1 : 0))
    }
}
