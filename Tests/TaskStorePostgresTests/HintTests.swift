import PostgresTestSupport
import TaskCore
import Testing

@testable import TaskStorePostgres

/// A hint goes along with a commit, and whatever becomes of it, the commit's answer stands.
@Suite(.enabled(if: PostgresServer.isAvailable), .timeLimit(.minutes(1))) struct HintTests {
    private func connection() async throws -> PostgresConnection {
        let target = try ConnectionTarget(try await PostgresServer.shared().url)
        return try PostgresConnection(target, preparing: true, until: .now + .seconds(10))
    }

    private let one = Command(Statement("SELECT 1::int8"))

    @Test func aRefusedHintChangesNothing() async throws {
        let connection = try await connection()
        let hint = Command(Statement("SELECT 1 / 0"))
        for _ in 0..<3 {
            #expect(try connection.run([one, one], then: hint, until: .now + .seconds(10))[1].int64(0, 0) == 1)
        }
        #expect(!connection.hasEnded)
        #expect(!connection.isInTransaction)
    }

    @Test func aHintsAnswerThatDoesNotComeCostsTheConnectionAndNotTheAnswer() async throws {
        let connection = try await connection()
        let hint = Command(Statement("SELECT pg_sleep(600)"))
        #expect(try connection.run([one], then: hint, until: .now + .seconds(1))[0].int64(0, 0) == 1)
        #expect(connection.hasEnded)
    }

    @Test func aRefusedCommandIsToldThoughItsHintSucceeded() async throws {
        let connection = try await connection()
        let wrong = Command(Statement("SELECT 1 / 0"))
        #expect { try connection.run([one, wrong], then: one, until: .now + .seconds(10)) } throws: { error in
            guard case PostgresFault.refused("22012", _) = error else { return false }
            return true
        }
        #expect(try connection.run([one], until: .now + .seconds(10))[0].int64(0, 0) == 1)
    }

    @Test func aStoreKnowsItsOwnWordsAndActsOnThoseOfOthers() {
        let sql = SQLText(schema: "taskcore")
        let (mine, theirs) = (MessageChannels(sql), MessageChannels(sql))
        let texts = theirs.messages([.work, .cancellations, .changes]).map(\.text)
        #expect(Set(texts.flatMap { mine.kinds($0) }) == [.work, .cancellations, .changes])
        #expect(texts.allSatisfy { theirs.kinds($0).isEmpty })
        // What other programs say: the SQL function, and stores that do not sign.
        #expect(mine.kinds("work") == [.work])
        #expect(mine.kinds("nonsense,work,") == [.work])
    }
}
