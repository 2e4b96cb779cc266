/// Pauses between tries of something that failed: doubling, and half of each left to chance, so that many do not come back all at once.
package struct Backoff {
    private let first: Duration
    private let longest: Duration
    package private(set) var tries = 0

    /// From 50 ms to 5 s unless said otherwise.
    package init(from first: Duration = .milliseconds(50), to longest: Duration = .seconds(5)) {
        self.first = first
        self.longest = longest
    }

    package mutating func nextDelay() -> Duration {
        let delay = min(first * (1 << min(tries, 10)), longest)
        tries += 1
        return delay * Double.random(in: 0.5...1)
    }

    package mutating func reset() { tries = 0 }

    /// Waits; returns at once when the calling task is cancelled.
    mutating func wait() async {
        try? await Task.sleep(for: nextDelay())
    }
}
