import TaskCore

/// Starts calls of a store and returns when each of them has been handed over and waits for its answer.
///
/// They run on one thread in turn: when a job that was added last has run, all calls before it have come to where they wait.
func waitingCalls<Answer: Sendable>(
    _ count: Int,
    _ call: @escaping @Sendable (Int) async throws -> Answer
) async -> [Task<Answer, any Error>] {
    let thread = ExecutorThread()
    thread.start()
    let tasks = (0..<count).map { index in Task(executorPreference: thread) { try await call(index) } }
    for _ in 0..<10 { await Task(executorPreference: thread) {}.value }
    Task.detached {
        for task in tasks { _ = await task.result }
        thread.stop()
    }
    return tasks
}
