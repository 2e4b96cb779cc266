import TaskCore
import TaskTesting
import Testing

/// What a typed enqueue answers when a key is taken.
@Suite struct KeysTests {
    private struct Words: TaskDefinition {
        static let name = "words"
        func run(_ input: String, context: TaskContext) async throws -> Int { input.count }
    }

    private struct Shout: TaskDefinition {
        static let name = "shout"
        func run(_ input: String, context: TaskContext) async throws -> String { input.uppercased() }
    }

    @Test func aKeyThatATaskOfAnotherTypeHoldsIsAnErrorThatNamesIt() async throws {
        let tasks = try await makeManager()
        let key = EnqueueOptions(uniqueKey: "k")
        let first = try await tasks.enqueue(Words.self, "a", options: key)
        #expect(try await tasks.enqueue(Words.self, "b", options: key).id == first.id)
        let error = await #expect(throws: TaskError.self) { try await tasks.enqueue(Shout.self, "c", options: key) }
        #expect(error?.code == .idempotencyConflict)
        #expect(error?.taskID == first.id)
        #expect(error?.description.contains("'words'") == true)
        await tasks.close()
    }
}
