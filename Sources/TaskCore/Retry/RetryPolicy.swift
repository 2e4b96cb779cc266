/// When a failed attempt is followed by another.
///
/// It decides about errors that handlers throw and timeouts, up to the task's `maxAttempts`. A lost worker's tasks run again
/// at once, whatever the policy; a task that must not run twice has `maxAttempts: 1`.
public struct RetryPolicy: Sendable {
    /// How much of a computed delay is left to chance.
    public enum Jitter: Hashable, Sendable {
        /// Nothing: the delay as computed.
        case none
        /// All of it: anything from 0 to the delay, so that tasks that failed together do not come back together.
        /// Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
        case full
    }

    private enum Kind: Sendable {
        case none
        case computed(jitter: Jitter, cap: Duration, @Sendable (_ attempt: Int) -> Duration)
        case custom(@Sendable (_ attempt: Int, _ error: any Error) -> Duration?)
    }

    private let kind: Kind

    /// Never again.
    public static let none = RetryPolicy(kind: .none)

    /// Always after the same delay.
    public static func fixed(_ delay: Duration, jitter: Jitter = .full) -> RetryPolicy {
        RetryPolicy(kind: .computed(jitter: jitter, cap: delay) { _ in delay })
    }

    /// After `step`, then twice that, three times, … at most `cap`.
    public static func linear(_ step: Duration, cap: Duration = .seconds(3600), jitter: Jitter = .full) -> RetryPolicy {
        RetryPolicy(kind: .computed(jitter: jitter, cap: cap) { .seconds(step.inSeconds * Double($0)) })
    }

    /// After `base`, then `base × factor`, `base × factor²`, … at most `cap`.
    public static func exponential(
        base: Duration = .seconds(1),
        factor: Double = 2,
        cap: Duration = .seconds(3600),
        jitter: Jitter = .full
    ) -> RetryPolicy {
        RetryPolicy(
            kind: .computed(jitter: jitter, cap: cap) { attempt in
                .seconds(min(base.inSeconds * power(factor, attempt - 1), cap.inSeconds))
            }
        )
    }

    /// What a function of the attempt's number (from 1) and its error says; nil: never again.
    public static func custom(_ delay: @escaping @Sendable (_ attempt: Int, _ error: any Error) -> Duration?)
        -> RetryPolicy
    {
        RetryPolicy(kind: .custom(delay))
    }

    /// How long to wait after that attempt failed with that error; nil: never again.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt that failed, from 1.
    ///   - error: What it threw.
    ///   - generator: Where jitter comes from.
    public func delay(
        afterAttempt attempt: Int,
        error: any Error,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        switch kind {
        case .none:
            return nil
        case .custom(let delay):
            return delay(attempt, error)
        case .computed(let jitter, let cap, let delay):
            let seconds = max(0, min(delay(max(1, attempt)), cap).inSeconds)
            switch jitter {
            case .none: return .seconds(seconds)
            case .full: return .seconds(Double.random(in: 0...seconds, using: &generator))
            }
        }
    }

    /// `factor` to the power of `exponent` by repeated multiplication, stopping where it no longer fits.
    private static func power(_ factor: Double, _ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<max(0, exponent) {
            result *= factor
            if !result.isFinite || result == 0 { break }
        }
        return result.isFinite ? result : .greatestFiniteMagnitude
    }
}
