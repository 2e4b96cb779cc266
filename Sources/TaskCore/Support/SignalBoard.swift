import Synchronization

/// Hands a store's hints to whoever listens: one coalescing stream per listener.
package final class SignalBoard: Sendable {
    private struct State {
        var nextID = 0
        var listeners: [SignalKind: [Int: AsyncStream<Void>.Continuation]] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Yields once to every listener of these kinds; a listener that has one waiting keeps that one.
    package func ring(_ kinds: Set<SignalKind>) {
        guard !kinds.isEmpty else { return }
        let continuations = state.withLock { state in kinds.flatMap { state.listeners[$0, default: [:]].values } }
        for continuation in continuations { continuation.yield() }
    }

    /// A stream of hints of one kind, until the board finishes or the listener goes.
    package func stream(_ kind: SignalKind) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.listeners[kind, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners[kind]?.removeValue(forKey: id) }
        }
        return stream
    }

    /// Whether anybody listens to any of these kinds.
    package func hasListeners(_ kinds: Set<SignalKind> = Set(SignalKind.allCases)) -> Bool {
        state.withLock { state in kinds.contains { !(state.listeners[$0]?.isEmpty ?? true) } }
    }

    /// Ends every stream.
    package func finish() {
        let continuations = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values.flatMap(\.values)
        }
        for continuation in continuations { continuation.finish() }
    }
}
