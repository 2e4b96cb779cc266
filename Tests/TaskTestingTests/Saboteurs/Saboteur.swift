import TaskCore
import TaskTesting
import Testing

/// A store with one defect, and the check that must find it.
struct Saboteur: Sendable, CustomTestStringConvertible {
    /// What is wrong with it.
    let defect: String
    /// The topic of the checks to run.
    let topic: String
    /// A part of the name of a check that must fail.
    let caughtBy: String
    let make: @Sendable (any TaskStore) -> any TaskStore

    init(
        _ defect: String,
        topic: String,
        caughtBy: String,
        _ make: @escaping @Sendable (any TaskStore) -> any TaskStore
    ) {
        self.defect = defect
        self.topic = topic
        self.caughtBy = caughtBy
        self.make = make
    }

    var testDescription: String { defect }

    static let all: [Saboteur] = producing + working + finishing + commanding + looking + following
}

@Suite("The kit catches broken stores")
struct SaboteurTests {
    @Test("a store that", arguments: Saboteur.all)
    func isCaught(_ saboteur: Saboteur) async {
        let suspects = StoreConformance.checks(topic: saboteur.topic)
        var caught: [String] = []
        for check in suspects {
            do {
                try await check.run { saboteur.make(MemoryTaskStore(clock: $0)) }
            } catch is StoreCheckFailure {
                caught.append(check.promise)
            } catch {
                // A check that cannot go on because of an error is no verdict.
                continue
            }
        }
        #expect(caught.contains { $0.contains(saboteur.caughtBy) }, "of \(suspects.count) checks only these: \(caught)")
    }

    @Test("a failure says what was promised, expected and seen, and where it was checked")
    func failuresAreReadable() async throws {
        let check = try #require(
            StoreConformance.checks.first { $0.promise.contains("the highest priority comes first") }
        )
        let failure = await #expect(throws: StoreCheckFailure.self) {
            try await check.run { ReversesClaims(base: MemoryTaskStore(clock: $0)) }
        }
        let text = try #require(failure).description
        #expect(text.contains("claim order: the highest priority comes first"))
        #expect(text.contains("expected: [\"5\", \"1\", \"3\""))
        #expect(text.contains("seen:     [\"6\", \"2\", \"7\""))
        #expect(text.contains("Claim.swift:"))
    }

    @Test("a record that differs is shown member by member")
    func differencesAreShown() async throws {
        let check = try #require(StoreConformance.checks(topic: "finish").first)
        let failure = await #expect(throws: StoreCheckFailure.self) {
            try await check.run { KeepsError(base: MemoryTaskStore(clock: $0)) }
        }
        let text = try #require(failure).description
        #expect(text.contains("error: expected nil, saw Optional"))
        #expect(!text.contains("createdAt"))
    }
}
