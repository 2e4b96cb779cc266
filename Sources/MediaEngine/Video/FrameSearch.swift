/// Finds frames of one picture track by time. Times are seconds from the start of the file.
struct FrameSearch {
    /// Frames that begin this little after a time count as shown at it: times go through different time bases.
    private static let tolerance = 1e-6
    /// Within this long before the time that is wanted every frame is decoded; earlier ones only where others need them.
    private static let fullDecoding = 1.0

    private var decoder: VideoDecoder
    private var isAtStart = true

    /// Searches the track `index` of an input that was just opened.
    init(_ input: MediaInput, index: Int) throws(MediaError) {
        decoder = try VideoDecoder(input, index: index)
    }

    /// The frame shown at `time`: the last that begins at or before it; the first one where all begin later.
    ///
    /// - Parameter progress: Gets 0…1.
    /// - Throws: `corruptInput` when no picture can be decoded.
    mutating func frame(at time: Double, progress: (Double) -> Void = { _ in }) throws(MediaError) -> VideoFrame {
        let limit = time - Self.fullDecoding
        decoder.skipsBefore = limit
        let frame = try search(time, progress)
        if let frame, let found = frame.time, found >= limit || found > time { return frame }
        // Frames were skipped between the one found and the time, or everything was.
        decoder.skipsBefore = nil
        guard let frame = try search(time, progress) else {
            throw MediaError(.corruptInput, "None of the video's pictures can be decoded: the file is damaged.")
        }
        return frame
    }

    /// The keyframe nearest to `time` by the file's index; where it has none, the one before.
    mutating func keyframe(near time: Double) throws(MediaError) -> VideoFrame {
        let around = decoder.input.keyframes(decoder.index, around: time)
        let target =
            switch around {
            case (nil, let after): after
            case (let before?, let after?): time - before <= after - time ? before : after
            case (let before?, nil): before
            }
        let frame = try VideoFrame()
        isAtStart = false
        // The index may tell decoding times, while seeking goes by the later times of showing and ends up one keyframe early.
        let earliest = target.map { $0 - Self.tolerance } ?? -.infinity
        if try decoder.seek(to: target ?? time), try decoder.nextKeyframe(from: earliest, into: frame) { return frame }
        return try self.frame(at: time)
    }

    private mutating func search(_ time: Double, _ progress: (Double) -> Void) throws(MediaError) -> VideoFrame? {
        var start = time
        var step = 1.0
        while start > 0 {
            isAtStart = false
            guard try decoder.seek(to: start) else { break }
            // MPEG program streams, and files with wrong indexes, end up later than asked: then begin earlier.
            if let frame = try lastFrame(upTo: time, progress), (frame.time ?? .infinity) <= time + Self.tolerance {
                return frame
            }
            start -= step
            step *= 4
        }
        if !isAtStart {
            let skipsBefore = decoder.skipsBefore
            decoder = try VideoDecoder(decoder.input.reopened(), index: decoder.index)
            decoder.skipsBefore = skipsBefore
        }
        isAtStart = false
        return try lastFrame(upTo: time, progress)
    }

    /// Decodes forward to the last frame that begins at or before `time`, or the next one where there is none.
    private func lastFrame(upTo time: Double, _ progress: (Double) -> Void) throws(MediaError) -> VideoFrame? {
        var shown: VideoFrame?
        var next = try VideoFrame()
        var first: Double?
        while try decoder.next(into: next) {
            if let begin = next.time {
                if begin > time + Self.tolerance { return shown ?? next }
                first = first ?? begin
                if let first, time > first { progress((begin - first) / (time - first)) }
            }
            if let free = shown {
                (shown, next) = (next, free)
            } else {
                shown = next
                next = try VideoFrame()
            }
        }
        return shown
    }
}
