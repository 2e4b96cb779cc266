import TaskCore

/// A task that does nothing.
struct NoOp: TaskDefinition {
    static let name = "no-op"
    func run(_ input: NoOpInput, context: TaskContext) async throws -> NoValue { NoValue() }
}

/// What a small task has to say.
struct NoOpInput: Codable, Sendable {
    var number: Int
}

enum EnqueueMeasure {
    private static let batch = 1000

    /// Batches of a thousand, two on their way at once.
    static func bulk(_ manager: TaskManager, _ count: Int) async throws -> Double {
        try await rate(count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for half in 0..<2 {
                    group.addTask {
                        for start in stride(from: half * batch, to: count, by: 2 * batch) {
                            let inputs = (start..<min(count, start + batch)).map { NoOpInput(number: $0) }
                            try await manager.enqueue(NoOp.self, all: inputs)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// One by one, from many callers at once.
    static func single(_ manager: TaskManager, _ count: Int, callers: Int) async throws -> Double {
        try await rate(count) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<callers {
                    group.addTask {
                        for number in stride(from: caller, to: count, by: callers) {
                            try await manager.enqueue(NoOp.self, NoOpInput(number: number))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

/// How many a second.
func rate(_ count: Int, _ body: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await body()
    return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
}
