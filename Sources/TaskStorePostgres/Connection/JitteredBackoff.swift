#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Pauses that double from 20 ms to 2 s, with half of each left to chance, so that a fleet does not come back all at once.
struct JitteredBackoff {
    private(set) var tries = 0

    mutating func next() -> Duration {
        let pause = min(Duration.milliseconds(20 << min(tries, 10)), .seconds(2))
        tries += 1
        return pause * Double.random(in: 0.5...1)
    }

    mutating func reset() { tries = 0 }
}

/// Sleeps on a thread of our own.
func blockingSleep(_ duration: Duration) {
    guard duration > .zero else { return }
    usleep(UInt32(min(duration / .microseconds(1), 10_000_000)))
}
