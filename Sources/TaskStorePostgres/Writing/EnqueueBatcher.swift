import Synchronization
import TaskCore

/// Joins the plain tasks of callers that wait at the same time into one transaction: a commit waits for the disk, however many are in it.
///
/// There is no timer: a connection that becomes free takes whatever waits then.
final class EnqueueBatcher: Sendable {
    private struct Waiting: Sendable {
        let tasks: [NewTask]
        let call: PendingCall<[EnqueueResult]?>
    }

    private let lane: Lane
    private let messenger: Messenger
    private let floors: ClaimFloors
    private let waiting = Mutex<[Waiting]>([])
    private static let signals: Set<SignalKind> = [.work, .changes]
    /// About how many tasks share a transaction at most.
    private static let groupLimit = 2000

    init(_ lane: Lane, _ messenger: Messenger, _ floors: ClaimFloors) {
        self.lane = lane
        self.floors = floors
        self.messenger = messenger
    }

    /// Stores tasks, all of which must be new, until a deadline.
    ///
    /// - Returns: nil when one of them, or of those that shared its transaction, is there already: nothing was stored, and the caller looks
    ///   at each task by itself.
    func enqueueNew(_ tasks: [NewTask], until deadline: ContinuousClock.Instant) async throws -> [EnqueueResult]? {
        let call = PendingCall<[EnqueueResult]?>()
        return try await call.wait {
            waiting.withLock { $0.append(Waiting(tasks: tasks, call: call)) }
            return lane.submit { self.flush(on: $0, until: deadline) }
        }
    }

    private func flush(on thread: ConnectionThread, until deadline: ContinuousClock.Instant) {
        let group = takeGroup().filter { $0.call.begin() }
        guard !group.isEmpty else { return }
        // Workers in other processes need not wait until this one has told them.
        let hint = messenger.takeTurn(Self.signals)
        let tasks = group.flatMap(\.tasks)
        let result = Result { try thread.perform(.once, until: deadline) { try $0.enqueueNew(tasks, then: hint) } }
        switch result {
        case .success(let results):
            floors.reset(ClaimPlace(rank: tasks.map { Int32(-$0.priority) }.min() ?? 0, sequence: .max))
            if hint == nil { messenger.announce(Self.signals) } else { messenger.tellHere(Self.signals) }
            var rest = results[...]
            for waiting in group {
                waiting.call.resume(.success(Array(rest.prefix(waiting.tasks.count))))
                rest = rest.dropFirst(waiting.tasks.count)
            }
        case .failure(PostgresFault.refused):
            // One of them may be to blame for all: each gets a transaction of its own.
            for waiting in group { waiting.call.resume(.success(nil)) }
        case .failure(let error):
            // After a lost reply they may be stored: whoever looks at each task by itself finds out.
            let isLost = (error as? PostgresFault).map { if case .disconnected = $0 { true } else { false } } ?? false
            for waiting in group { waiting.call.resume(isLost ? .success(nil) : .failure(TaskError.from(error))) }
        }
    }

    private func takeGroup() -> [Waiting] {
        waiting.withLock { waiting in
            var count = 0
            let end = waiting.firstIndex { waiting in
                defer { count += waiting.tasks.count }
                return count > 0 && count + waiting.tasks.count > Self.groupLimit
            }
            let group = Array(waiting.prefix(end ?? waiting.count))
            waiting.removeFirst(group.count)
            return group
        }
    }
}
