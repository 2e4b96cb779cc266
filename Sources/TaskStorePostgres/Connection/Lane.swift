import TaskCore

/// Connections that calls of one kind share: each call goes to the first that is free.
final class Lane: Sendable {
    private let queue = BlockingQueue<@Sendable (ConnectionThread) -> Void>()
    private let endings: [Ending]
    private let callTimeout: Duration

    init(_ name: String, connections: Int, _ settings: ConnectionSettings) {
        callTimeout = settings.callTimeout
        let queue = queue
        endings = (0..<connections).map { index in
            let ending = Ending()
            startBlockingThread("pg-\(name)-\(index)") {
                let thread = ConnectionThread(settings)
                while let call = queue.take(atMost: 1).first { call(thread) }
                thread.drop()
                ending.finish()
            }
            return ending
        }
    }

    /// When a call that begins now has to end.
    var deadline: ContinuousClock.Instant { .now + callTimeout }

    /// Runs a body in a session of a free connection. It may run more than once, the runs before undone.
    ///
    /// - Parameter deadline: When the call has to end; nil: after the store's timeout for calls.
    /// - Throws: `TaskError` with code `storeUnavailable` when no connection is free, or no answer comes, until then.
    func call<Answer: Sendable>(
        _ repeatability: Repeatability,
        until deadline: ContinuousClock.Instant? = nil,
        _ body: @escaping @Sendable (Session) throws -> Answer
    ) async throws -> Answer {
        let pending = PendingCall<Answer>()
        let deadline = deadline ?? self.deadline
        return try await pending.wait {
            queue.append { thread in
                guard pending.begin() else { return }
                let result = Result {
                    guard deadline > .now else { throw PostgresFault.late }
                    return try thread.perform(repeatability, until: deadline, body)
                }
                pending.resume(result.mapError(TaskError.from))
            }
        }
    }

    /// Hands the next free connection to an action; false once the lane is closed.
    func submit(_ action: @escaping @Sendable (ConnectionThread) -> Void) -> Bool { queue.append(action) }

    /// Takes no more calls; those accepted are still answered.
    func closeSoon() { queue.close() }

    /// Takes no more calls, and returns when those accepted have been answered and the connections are closed.
    func close() async {
        closeSoon()
        for ending in endings { await ending.wait() }
    }
}
