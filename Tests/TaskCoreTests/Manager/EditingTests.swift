import TaskCore
import Testing

/// What an edit may add to a task.
@Suite struct EditingTests {
    private func part(_ key: String) -> TaskMetadata { [key: .string(String(repeating: "x", count: 40_000))] }

    @Test func theLimitOfMetadataHoldsForAllMembersTogether() async throws {
        let tasks = try await TaskManager(store: MemoryTaskStore())
        let before = try #require(try await tasks.enqueue([NewTask(name: "any", metadata: part("a"))]).first)
        var changes = TaskChanges()
        changes.metadata = part("b")
        for error in [
            await #expect(throws: TaskError.self) { try await tasks.update(before.id, changes: changes) },
            await #expect(throws: TaskError.self) { try await tasks.retry(before.id, changes: changes) },
        ] {
            #expect(error?.code == .invalidInput)
            #expect(error?.description.contains("65536") == true)
        }
        #expect(try await tasks.find(before.id) == before)

        // In the place of what was there they may come.
        changes.metadata = part("a")
        changes.metadata["b"] = 1
        try await tasks.update(before.id, changes: changes)
        #expect(try await tasks.find(before.id)?.metadata["b"] == 1)
        await tasks.close()
    }
}
