import TaskCore
import TaskTesting
import Testing

/// A hundred callers ask for the same at once.
@Suite(.timeLimit(.minutes(2))) struct DuplicateEnqueueTests {
    private func ask(_ tasks: TaskManager, _ options: EnqueueOptions) async throws -> TaskID {
        while true {
            do {
                return try await tasks.enqueue(Greet.self, "once", options: options).id
            } catch let error as TaskError where error.code == .storeUnavailable {
                // What a caller does who got no answer: it asks again.
            }
        }
    }

    @Test(arguments: [
        EnqueueOptions(idempotency: IdempotencyKey("order-7")), EnqueueOptions(uniqueKey: "order-7"),
    ])
    func allGetOneTaskAlsoWhenTheWinnersReplyIsLostOrItsCommitFails(_ options: EnqueueOptions) async throws {
        let store = FaultyTaskStore(MemoryTaskStore(), seed: 7)
        let tasks = try await makeManager(store)
        // The first is rolled back, the second commits and never learns of it; then every other call goes wrong.
        store.script(.enqueue, [.refused, .replyLost])
        store.fail(.refused, probability: 0.25, of: [.enqueue])
        store.fail(.replyLost, probability: 0.25, of: [.enqueue])
        let everybody = Gate()
        let ids = try await withThrowingTaskGroup(of: TaskID.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    await everybody.wait()
                    return try await ask(tasks, options)
                }
            }
            everybody.open()
            return try await group.reduce(into: Set<TaskID>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await tasks.list().records.map(\.id) == Array(ids))
        #expect(store.counts(.enqueue).repliesLost > 1 && store.counts(.enqueue).refused > 1)
    }
}
