/// Chooses the frame that represents a video best: the one of highest ``FrameScore`` among keyframes spread over its length.
struct BestFrame {
    private static let candidates = 8
    /// Where two candidates have the same keyframe, the second is decoded exactly if it is at most this many seconds away.
    private static let exactReach = 10.0

    /// - Parameter duration: Seconds; without it the first frame is taken.
    static func find(
        in search: inout FrameSearch,
        duration: Double?,
        progress: (Double) -> Void
    ) throws(MediaError) -> VideoFrame {
        guard let duration, duration > 0 else { return try search.frame(at: 0) }
        var best: (frame: VideoFrame, score: Double)?
        var times: Set<Double> = []
        for number in 0..<candidates {
            progress(Double(number) / Double(candidates))
            let time = (Double(number) + 0.5) / Double(candidates) * duration
            var frame = try search.keyframe(near: time)
            if let found = frame.time, !times.insert(found).inserted {
                guard abs(time - found) <= exactReach else { continue }
                frame = try search.frame(at: time)
                if let exact = frame.time, !times.insert(exact).inserted { continue }
            }
            let score = try frame.score()
            if best == nil || score > best?.score ?? 0 { best = (frame, score) }
        }
        if let best { return best.frame }
        return try search.frame(at: 0)
    }
}
