internal import CFFmpeg

/// Takes one picture out of a video, as it is shown. Blocks: from 10 ms for a keyframe to seconds for an exact position far from
/// one.
enum PosterExtractor {
    /// The frame at `position`, upright, with square pixels, in sRGB.
    ///
    /// - Parameters:
    ///   - maxDimension: Most pixels on the longer side; nil for the video's own size. Scaling here costs nothing, so ask for
    ///     no more than is needed.
    ///   - progress: Called now and then on the calling thread.
    /// - Throws: `nothingToDo` when the file has no video; otherwise as ``MediaInput/init(path:limits:cancellation:)`` and
    ///   `unsupportedFormat` for codecs that are not decoded.
    static func frame(
        path: String,
        position: PosterPosition,
        limits: MediaLimits,
        cancellation: CancellationFlag,
        maxDimension: Int? = nil,
        progress: (MediaProgress) -> Void
    ) throws(MediaError) -> PixelFrame {
        progress(MediaProgress(0, .inspect))
        let input = try MediaInput(path: path, limits: limits, cancellation: cancellation)
        guard let index = input.mainVideo else {
            throw MediaError(.nothingToDo, "The file has no video, so there is no picture to take.")
        }
        let frame = try find(position, in: input, index) { fraction in
            progress(MediaProgress(fraction * 0.9, .decode))
        }
        progress(MediaProgress(0.9, .render))
        return try renderer(input, index, maxDimension).render(frame)
    }

    /// The first cover picture of a sound or video file.
    ///
    /// - Throws: `nothingToDo` when it has none; `corruptInput` when it cannot be decoded; otherwise as `frame`.
    static func coverArt(
        path: String,
        limits: MediaLimits,
        cancellation: CancellationFlag,
        maxDimension: Int? = nil
    ) throws(MediaError) -> PixelFrame {
        let input = try MediaInput(path: path, limits: limits, cancellation: cancellation)
        let cover = input.streams.first { $0.stream.kind == CFFMPEG_VIDEO && $0.stream.is_attached_picture }
        guard let index = cover?.index else {
            throw MediaError(.nothingToDo, "The file has no cover picture.")
        }
        let packet = try MediaPacket()
        let frame = try VideoFrame()
        guard cffmpeg_input_attached_picture(input.pointer, Int32(index), packet.pointer) == CFFMPEG_OK,
            try VideoDecoder(input, index: index).decode(packet, into: frame)
        else { throw MediaError(.corruptInput, "The cover picture is damaged.") }
        return try renderer(input, index, maxDimension).render(frame)
    }

    private static func find(
        _ position: PosterPosition,
        in input: MediaInput,
        _ index: Int,
        _ progress: (Double) -> Void
    ) throws(MediaError) -> VideoFrame {
        let duration = try needsDuration(position) ? duration(of: input) : input.container.duration
        var search = try FrameSearch(input, index: index)
        switch position {
        case .seconds(let seconds):
            return try search.frame(at: clamped(seconds, duration), progress: progress)
        case .percent(let percent):
            guard let duration else {
                let message = "The video's length is unknown, so no percentage of it can be found. Ask for seconds."
                throw MediaError(.nothingToDo, message)
            }
            return try search.frame(at: clamped(percent / 100 * duration, duration), progress: progress)
        case .keyframe(let seconds):
            return try search.keyframe(near: clamped(seconds, duration))
        case .best:
            return try BestFrame.find(in: &search, duration: duration, progress: progress)
        }
    }

    private static func needsDuration(_ position: PosterPosition) -> Bool {
        switch position {
        case .percent, .best: true
        case .seconds, .keyframe: false
        }
    }

    /// Read through where the file does not say: reading is cheap beside decoding, and the deadline bounds it.
    private static func duration(of input: MediaInput) throws(MediaError) -> Double? {
        if let duration = input.container.duration { return duration }
        return try input.reopened().measuredDuration(byteLimit: .max)
    }

    /// Within the video; a NaN counts as 0.
    private static func clamped(_ seconds: Double, _ duration: Double?) -> Double {
        guard seconds > 0 else { return 0 }
        return min(seconds, duration ?? 1e9)
    }

    private static func renderer(_ input: MediaInput, _ index: Int, _ maxDimension: Int?) -> FrameRenderer {
        let geometry = DisplayGeometry(of: cffmpeg_input_stream(input.pointer, Int32(index)))
        return FrameRenderer(geometry: geometry, maxDimension: maxDimension, cancellation: input.cancellation)
    }
}
