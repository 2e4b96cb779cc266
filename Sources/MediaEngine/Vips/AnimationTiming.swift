/// How an animation plays.
struct AnimationTiming: Equatable {
    /// Milliseconds that each frame stays.
    var delays: [Int]
    /// How often it plays; 0 is for ever.
    var loop: Int

    /// Milliseconds that a frame stays; what the file does not say is 100, as in browsers.
    func delay(of frame: Int) -> Int {
        guard delays.indices.contains(frame), delays[frame] > 0 else { return 100 }
        return min(delays[frame], 655_350)
    }
}
