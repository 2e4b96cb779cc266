import TaskCore
import Testing

@Suite struct RetryPolicyTests {
    private struct Oops: Error {}

    private func delays(_ policy: RetryPolicy, _ attempts: ClosedRange<Int> = 1...5) -> [Duration?] {
        var generator = SystemRandomNumberGenerator()
        return attempts.map { policy.delay(afterAttempt: $0, error: Oops(), using: &generator) }
    }

    @Test func delaysFollowTheirRule() {
        #expect(delays(.none) == [nil, nil, nil, nil, nil])
        #expect(delays(.fixed(.seconds(3), jitter: .none)) == Array(repeating: .seconds(3), count: 5))
        #expect(delays(.linear(.seconds(2), cap: .seconds(7), jitter: .none)) == [2, 4, 6, 7, 7].map { .seconds($0) })
        #expect(
            delays(.exponential(base: .seconds(1), factor: 3, cap: .seconds(60), jitter: .none))
                == [1, 3, 9, 27, 60].map { .seconds($0) }
        )
        #expect(
            delays(.custom { attempt, _ in attempt < 3 ? .seconds(attempt) : nil }) == [
                .seconds(1), .seconds(2), nil, nil, nil,
            ]
        )
    }

    @Test func fullJitterStaysBetweenZeroAndTheDelayAndVaries() {
        let policy = RetryPolicy.fixed(.seconds(10))
        let drawn = (0..<200).compactMap { _ in delays(policy, 1...1)[0] }
        #expect(drawn.allSatisfy { $0 >= .zero && $0 <= .seconds(10) })
        #expect(drawn.contains { $0 < .seconds(5) } && drawn.contains { $0 > .seconds(5) })
    }

    @Test func hugeAttemptNumbersStayAtTheCap() {
        #expect(delays(.exponential(jitter: .none), 100_000...100_000) == [.seconds(3600)])
    }
}
