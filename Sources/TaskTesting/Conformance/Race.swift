import Synchronization

/// A place where a known number of tasks wait for each other, so that they go on at the same moment.
final class StartingLine: Sendable {
    private struct State {
        var missing: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(missing: count)) }

    func wait() async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.waiting.append(continuation)
                state.missing -= 1
                guard state.missing <= 0 else { return [] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in ready { continuation.resume() }
        }
    }
}

/// Runs a body `count` times at once, starting at the same moment; answers in the order of the numbers.
func race<Answer: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) async throws -> Answer
) async throws -> [Answer] {
    let line = StartingLine(count)
    return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
        for number in 0..<count {
            group.addTask {
                await line.wait()
                return (number, try await body(number))
            }
        }
        var answers: [(Int, Answer)] = []
        for try await answer in group { answers.append(answer) }
        return answers.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// Runs two bodies at once, starting at the same moment.
func race<A: Sendable, B: Sendable>(
    _ first: @escaping @Sendable () async throws -> A,
    _ second: @escaping @Sendable () async throws -> B
) async throws -> (A, B) {
    let line = StartingLine(2)
    async let a: A = {
        await line.wait()
        return try await first()
    }()
    async let b: B = {
        await line.wait()
        return try await second()
    }()
    return try await (a, b)
}

/// A value that several tasks read and write.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var current: Value { value.withLock { $0 } }

    func change<Answer: Sendable>(_ body: (inout Value) -> Answer) -> Answer {
        value.withLock { value in body(&value) }
    }
}
