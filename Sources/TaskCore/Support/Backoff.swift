/// Waits between tries of something that failed: from 50 ms, doubling to 5 s, half of it left to chance.
struct Backoff {
    private var tries = 0

    mutating func nextDelay() -> Duration {
        let seconds = min(0.05 * Double(1 << min(tries, 10)), 5)
        tries += 1
        return .seconds(seconds * Double.random(in: 0.5...1))
    }

    mutating func reset() { tries = 0 }

    /// Waits; returns at once when the calling task is cancelled.
    mutating func wait() async {
        try? await Task.sleep(for: nextDelay())
    }
}
