import Testing

@testable import TaskStorePostgres

/// When claims may begin behind what they left, as a pure state machine.
@Suite struct ClaimFloorsTests {
    private let floors = ClaimFloors()
    private let place = ClaimPlace(rank: 0, sequence: 500)

    /// A claim from the beginning of 100 tasks.
    private func claim(_ milliseconds: Int, tasks: Int = 100) {
        floors.claimed("q", to: place, tasks: tasks, wasFromBeginning: true, in: .milliseconds(milliseconds))
    }

    private func place(after pause: Duration = .zero) -> ClaimPlace? {
        floors.places(of: ["q"], at: .now + pause)["q"]
    }

    @Test func claimsThatStayCheapBeginAtTheBeginning() {
        for _ in 0..<20 { claim(10) }
        #expect(place() == nil)
    }

    @Test func aClaimThatBecameDearLetsTheNextOnesBeginWhereItEnded() {
        claim(10)
        claim(20)
        #expect(place() == self.place)
    }

    @Test func aPlaceMovesWithTheClaimsThatUseIt() {
        claim(10)
        claim(20)
        let next = ClaimPlace(rank: 0, sequence: 900)
        floors.claimed("q", to: next, tasks: 100, wasFromBeginning: false, in: .milliseconds(10))
        #expect(place() == next)
    }

    @Test func aPlaceIsForgottenAfterFiveSecondsAtMost() {
        claim(10)
        claim(5000)
        #expect(place(after: .seconds(6)) == nil)
    }

    @Test func workOfUnknownPlaceSendsClaimsToTheBeginning() {
        claim(10)
        claim(20)
        floors.reset()
        #expect(place() == nil)
    }

    @Test func aHigherPriorityIsNotPassedOverAndALowerOneDisturbsNothing() {
        claim(10)
        claim(20)
        floors.reset(ClaimPlace(rank: 0, sequence: .max))
        #expect(place() == self.place, "tasks of the same priority come behind")
        floors.reset(ClaimPlace(rank: -1, sequence: .max))
        #expect(place() == nil, "a higher priority comes before")
    }

    @Test func aLoneTaskThatTookLongToFindIsTellingToo() {
        claim(40, tasks: 1)
        #expect(place() == self.place)
    }
}
