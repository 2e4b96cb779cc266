import Logging
import Synchronization

/// Carries a store's changes to the subscribers of this process: one reader of the change feed, however many subscribers.
///
/// Everything a subscriber gets, its snapshot included, is read by the one pump, so that what it sees of a task never goes back.
final class UpdateHub: Sendable {
    private struct Weak { weak var subscription: Subscription? }

    private struct State {
        var byTask: [TaskID: [ObjectIdentifier: Weak]] = [:]
        var byFilter: [ObjectIdentifier: Weak] = [:]
        /// Subscribers that wait for their snapshot.
        var new: [Weak] = []
        var pump: Task<Void, Never>?
        /// The store's hints ended: it was closed.
        var isStoreClosed = false

        var isEmpty: Bool { byTask.isEmpty && byFilter.isEmpty && new.isEmpty }
    }

    private let store: any TaskStore
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Bell()
    /// How often the feed is read when no hint comes.
    private let pollInterval: Duration = .milliseconds(500)
    /// The shortest time between two readings under load: what changes meanwhile is read together.
    private let pace: Duration = .milliseconds(5)
    private let page = 1000

    init(store: any TaskStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    deinit { state.withLock { $0.pump }?.cancel() }

    func subscribe(_ interest: Interest) -> Subscription {
        let subscription = Subscription(interest) { [weak self] in self?.ended($0, interest) }
        let weak = Weak(subscription: subscription)
        let key = ObjectIdentifier(subscription)
        state.withLock { state in
            switch interest {
            case .task(let id): state.byTask[id, default: [:]][key] = weak
            case .filter: state.byFilter[key] = weak
            }
            state.new.append(weak)
            if state.pump == nil { state.pump = Task { [weak self, bell] in await Self.pump(self, bell) } }
        }
        bell.ring()
        return subscription
    }

    private func ended(_ key: ObjectIdentifier, _ interest: Interest) {
        state.withLock { state in
            switch interest {
            case .task(let id):
                state.byTask[id]?[key] = nil
                if state.byTask[id]?.isEmpty == true { state.byTask[id] = nil }
            case .filter: state.byFilter[key] = nil
            }
            state.new.removeAll { $0.subscription == nil }
        }
        bell.ring()
    }

    // MARK: Pump

    /// Holds the hub only while it reads, so that letting the manager go ends the pump.
    private static func pump(_ first: UpdateHub?, _ bell: Bell) async {
        weak let hub = first
        guard let signals = hub?.store.signals(.changes) else { return }
        let hints = Task { [weak hub] in
            for await _ in signals { bell.ring() }
            hub?.state.withLock { $0.isStoreClosed = true }
            bell.ring()
        }
        defer { hints.cancel() }
        var cursor: ChangeCursor?
        var backoff = Backoff()
        while !Task.isCancelled {
            guard let pause = await hub?.round(&cursor, &backoff) else { return }
            switch pause {
            case .rest(let pace, let poll):
                try? await Task.sleep(for: pace)
                await bell.wait(atMost: poll)
            case .again: break
            case .failed(let delay): try? await Task.sleep(for: delay)
            case .over: return
            }
        }
    }

    private enum Pause {
        case rest(pace: Duration, poll: Duration)
        case again
        case failed(Duration)
        case over
    }

    /// Reads what changed and tells those whom it interests.
    private func round(_ cursor: inout ChangeCursor?, _ backoff: inout Backoff) async -> Pause {
        let isOver = state.withLock { state in
            if state.isEmpty { state.pump = nil }
            return state.isEmpty
        }
        if isOver { return .over }
        do {
            if cursor == nil { cursor = try await store.changes(since: nil, limit: page).cursor }
            try await greet()
            let changes = try await store.changes(since: cursor, limit: page)
            if changes.isComplete { try await deliver(changes.ids) } else { try await readAnew() }
            cursor = changes.cursor
            backoff.reset()
            return changes.hasMore ? .again : .rest(pace: pace, poll: pollInterval)
        } catch {
            if state.withLock({ $0.isStoreClosed }) {
                end(error)
                return .over
            }
            logger.warning("updates could not be read; trying again", metadata: ["error": "\(error.readable)"])
            return .failed(backoff.nextDelay())
        }
    }

    /// Gives new subscribers their snapshot.
    private func greet() async throws {
        let new = state.withLock { state in
            defer { state.new = [] }
            return state.new.compactMap(\.subscription)
        }
        guard !new.isEmpty else { return }
        do {
            try await snapshot(for: new)
        } catch {
            state.withLock { $0.new += new.map { Weak(subscription: $0) } }
            throw error
        }
    }

    private func snapshot(for subscriptions: [Subscription]) async throws {
        var ids: [TaskID] = []
        var single: [Subscription] = []
        for subscription in subscriptions {
            switch subscription.interest {
            case .task(let id):
                ids.append(id)
                single.append(subscription)
            case .filter(let filter):
                let query = TaskQuery(filter, order: .newestFirst, limit: 1000)
                for record in try await store.list(query).records.reversed() { subscription.offer(record) }
            }
        }
        guard !ids.isEmpty else { return }
        for ((id, subscription), record) in zip(zip(ids, single), try await store.tasks(ids)) {
            if let record { subscription.offer(record) } else { subscription.finish(Self.notFound(id)) }
        }
    }

    private func deliver(_ ids: [TaskID]) async throws {
        let wanted = state.withLock { state in state.byFilter.isEmpty ? ids.filter { state.byTask[$0] != nil } : ids }
        guard !wanted.isEmpty else { return }
        let records = try await store.tasks(wanted)
        let filters = state.withLock { $0.byFilter.values.compactMap(\.subscription) }
        for (id, record) in zip(wanted, records) {
            let watchers = state.withLock { $0.byTask[id]?.values.compactMap(\.subscription) ?? [] }
            guard let record else {
                for watcher in watchers { watcher.finish(Self.notFound(id)) }
                continue
            }
            for watcher in watchers { watcher.offer(record) }
            for filter in filters { filter.offer(record) }
        }
    }

    /// The feed has a gap: everybody gets a new snapshot.
    private func readAnew() async throws {
        let all = state.withLock { state in
            (Array(state.byTask.values.flatMap(\.values)) + Array(state.byFilter.values)).compactMap(\.subscription)
        }
        for subscription in all { subscription.missed() }
        try await snapshot(for: all)
    }

    private func end(_ error: any Error) {
        let all = state.withLock { state in
            defer {
                state.byTask = [:]
                state.byFilter = [:]
                state.new = []
                state.pump = nil
            }
            return (Array(state.byTask.values.flatMap(\.values)) + Array(state.byFilter.values)).compactMap(
                \.subscription
            )
        }
        for subscription in all { subscription.finish(error) }
    }

    private static func notFound(_ id: TaskID) -> TaskError {
        TaskError(.notFound, "There is no such task; it may have been pruned.", taskID: id)
    }
}
