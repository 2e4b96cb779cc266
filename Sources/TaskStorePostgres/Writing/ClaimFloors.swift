import Synchronization

/// A place in the order of a queue.
struct ClaimPlace: Comparable, Sendable {
    var rank: Int32
    var sequence: Int64

    static let first = ClaimPlace(rank: .min, sequence: .min)

    static func < (lhs: ClaimPlace, rhs: ClaimPlace) -> Bool { (lhs.rank, lhs.sequence) < (rhs.rank, rhs.sequence) }
}

/// Remembers how far claims of each queue have come, so that they need not walk over what they left behind.
///
/// Claimed tasks stay in the index as dead entries until vacuum may remove them, which an old snapshot anywhere in the database forbids. A claim
/// from the beginning walks over all of them. When that has become dear, the claims of a short while begin where the last one ended. What became
/// ready before that place, through another process or because its time came, waits for the next claim from the beginning: five
/// seconds at most. What this process put there itself is not passed over, and neither is anything when there is nothing behind the place.
final class ClaimFloors: Sendable {
    private struct Floor {
        var place: ClaimPlace
        /// Until when claims may begin at the place.
        var until: ContinuousClock.Instant
    }

    private struct State {
        var floors: [String: Floor] = [:]
        /// What a claimed task costs when there is nothing to walk over, in seconds.
        var cost: Double?
    }

    private let state = Mutex(State())
    /// From this many tasks on a claim's time says what one of them costs.
    private static let telling = 50
    private static let longest = Duration.seconds(5)

    /// Where a claim of each of these queues may begin.
    func places(of queues: [String], at now: ContinuousClock.Instant) -> [String: ClaimPlace] {
        state.withLock { state in
            guard !state.floors.isEmpty else { return [:] }
            return queues.reduce(into: [:]) { places, queue in
                if let floor = state.floors[queue], now < floor.until { places[queue] = floor.place }
            }
        }
    }

    /// A claim of a queue ended at a place.
    ///
    /// - Parameters:
    ///   - wasFromBeginning: Whether it walked over everything.
    ///   - duration: How long it took.
    func claimed(_ queue: String, to place: ClaimPlace, tasks: Int, wasFromBeginning: Bool, in duration: Duration) {
        let now = ContinuousClock.now
        state.withLock { state in
            guard wasFromBeginning else {
                state.floors[queue]?.place = place
                return
            }
            state.floors[queue] = nil
            guard isDear(tasks, duration, &state.cost) else { return }
            // A tenth of the time goes into walking, unless it takes longer than the longest pause.
            state.floors[queue] = Floor(place: place, until: now + min(duration * 10, Self.longest))
        }
    }

    /// Tasks became ready at places that this process does not know, or that one of these.
    func reset(_ place: ClaimPlace = .first) {
        state.withLock { state in
            guard !state.floors.isEmpty else { return }
            state.floors = state.floors.filter { $0.value.place < place }
        }
    }

    private func isDear(_ tasks: Int, _ duration: Duration, _ cost: inout Double?) -> Bool {
        let seconds = duration / .seconds(1)
        guard tasks >= Self.telling else { return seconds > 0.015 }
        let each = seconds / Double(tasks)
        // The cheapest there was, which is slowly forgotten.
        let cheapest = min((cost ?? each) * 1.01, each)
        cost = cheapest
        return each > 1.4 * cheapest
    }
}
