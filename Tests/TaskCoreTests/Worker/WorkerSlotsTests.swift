import Testing

@testable import TaskCore

@Suite struct WorkerSlotsTests {
    private func limits(_ pairs: (String, Int)...) -> [ClaimRequest.QueueLimit] {
        pairs.map { .init($0.0, limit: $0.1) }
    }

    private func claim(_ slots: inout WorkerSlots) throws -> [ClaimRequest.QueueLimit] {
        guard case .claim(let limits) = slots.next() else { throw TaskError(.invalidInput, "no claim was asked for") }
        return limits
    }

    @Test func aNewWorkerClaimsAllItsSlotsAtOnce() {
        var slots = WorkerSlots([("a", 2), ("b", 3)])
        #expect(slots.next() == .claim(limits(("a", 2), ("b", 3))))
    }

    @Test func thereIsOneClaimUnderWay() {
        var slots = WorkerSlots([("a", 2)])
        _ = slots.next()
        slots.workMayBeReady()
        #expect(slots.next() == .wait)
    }

    @Test func aHintDuringAClaimIsNotLost() throws {
        var slots = WorkerSlots([("a", 2)])
        let asked = try claim(&slots)
        slots.workMayBeReady()
        slots.claimed([:], of: asked)
        #expect(slots.next() == .claim(limits(("a", 2))))
    }

    @Test func anEmptyAnswerWaitsForAHint() throws {
        var slots = WorkerSlots([("a", 2)])
        let asked = try claim(&slots)
        slots.claimed(["a": 1], of: asked)
        #expect(slots.next() == .wait)
        slots.workMayBeReady()
        #expect(slots.next() == .claim(limits(("a", 1))))
    }

    @Test func aFullQueueIsAskedAgainWhenASlotIsFree() throws {
        var slots = WorkerSlots([("a", 2), ("b", 1)])
        let asked = try claim(&slots)
        slots.claimed(["a": 2], of: asked)
        #expect(slots.next() == .claim(limits(("b", 1))))
        slots.claimed([:], of: limits(("b", 1)))
        #expect(slots.next() == .wait)
        slots.freed(["a": 1])
        #expect(slots.next() == .claim(limits(("a", 1), ("b", 1))))
    }

    @Test func drainingClaimsNoMore() {
        var slots = WorkerSlots([("a", 2)])
        slots.drain()
        slots.workMayBeReady()
        #expect(slots.next() == .stop)
    }
}
