internal import CFFmpeg

/// An open video or audio file, for one thread. It knows its tracks, hands out packets and seeks; decoders and, later, encoders
/// stand on it.
final class MediaInput {
    let file: MediaFile
    let limits: MediaLimits
    let cancellation: CancellationFlag
    let pointer: OpaquePointer

    /// Opens a file, if it is whole and within the limits.
    ///
    /// - Throws: `corruptInput`, `unsupportedFormat`, `notAllowed`, `tooLarge`, `inputUnreadable`, `cancelled`, `timedOut`,
    ///   `libraryMissing`, each with a message for the person who sent the file.
    convenience init(path: String, limits: MediaLimits, cancellation: CancellationFlag) throws(MediaError) {
        guard cffmpeg_is_available() else { throw Self.libraryMissing }
        try cancellation.check()
        try self.init(file: MediaFile(path: path), limits: limits, cancellation: cancellation)
    }

    private init(file: MediaFile, limits: MediaLimits, cancellation: CancellationFlag) throws(MediaError) {
        self.file = file
        self.limits = limits
        self.cancellation = cancellation
        var failure = CFFmpegFailure()
        let opened = Self.open(file, limits, cancellation, &failure)
        guard let opened else {
            throw Self.openError(failure, file, limits, cancellation)
        }
        pointer = opened
        // Checked after opening, because only then it is known to be an MP4.
        if container.demuxer.hasPrefix("mov"), let flaw = IsoBoxes.flaw(in: file) {
            throw MediaError(.corruptInput, flaw)
        }
        if let duration = container.duration, duration > limits.maxDuration {
            let hours = limits.maxDuration / 3600
            throw MediaError(.tooLarge, "The file is longer than the \(hours.formattedShort) hours that are accepted.")
        }
    }

    deinit { cffmpeg_input_close(pointer) }

    /// The same file, opened afresh: the way to its very beginning that works in every format.
    func reopened() throws(MediaError) -> MediaInput {
        try MediaInput(file: file, limits: limits, cancellation: cancellation)
    }

    private static func open(
        _ file: MediaFile,
        _ limits: MediaLimits,
        _ cancellation: CancellationFlag,
        _ failure: inout CFFmpegFailure
    ) -> OpaquePointer? {
        MediaFormats.demuxers.joined(separator: ",").withCString { formats in
            MediaFormats.decoders.joined(separator: ",").withCString { codecs in
                var options = CFFmpegOpenOptions(
                    descriptor: file.descriptor,
                    size: Int64(file.size),
                    formats: formats,
                    codecs: codecs,
                    max_streams: Int32(clamping: limits.maxStreams),
                    max_pixels: Int64(limits.maxVideoPixels),
                    should_stop: { context in
                        guard let context else { return false }
                        return Unmanaged<CancellationFlag>.fromOpaque(context).takeUnretainedValue().isRaised
                    },
                    context: UnsafeRawPointer(Unmanaged.passUnretained(cancellation).toOpaque())
                )
                return cffmpeg_input_open(&options, &failure)
            }
        }
    }
}

extension MediaInput {
    /// What the container says of itself.
    var container: (demuxer: String, brand: String?, duration: Double?, bitRate: Int?, streamCount: Int) {
        let container = cffmpeg_input_container(pointer)
        return (
            String(cString: container.format),
            container.brand.map { String(cString: $0) },
            container.duration.isFinite && container.duration >= 0 ? container.duration : nil,
            container.bit_rate > 0 ? Int(container.bit_rate) : nil,
            Int(container.stream_count)
        )
    }

    /// Every stream with its number, in file order. The strings in it live as long as the input.
    var streams: [(index: Int, stream: CFFmpegStream)] {
        (0..<container.streamCount).map { ($0, cffmpeg_input_stream(pointer, Int32($0))) }
    }

    /// The number of the picture track a player would show; cover art never counts.
    var mainVideo: Int? {
        let video = streams.filter { $0.stream.kind == CFFMPEG_VIDEO && !$0.stream.is_attached_picture }
        return (video.first(where: \.stream.is_default) ?? video.first)?.index
    }

    /// From now on `read` returns packets of this stream only.
    func select(_ index: Int) { cffmpeg_input_select(pointer, Int32(index)) }

    /// Reads the next packet; false at the end of the file.
    func read(into packet: MediaPacket) throws(MediaError) -> Bool {
        let status = cffmpeg_input_read(pointer, packet.pointer)
        switch status {
        case CFFMPEG_OK: return true
        // A damaged end is an end: what came before is good.
        case CFFMPEG_END, CFFMPEG_INVALID: return false
        default: throw error(status, "The file could not be read.")
        }
    }

    /// Goes to the keyframe at or before `time` (seconds from the start); false where the format cannot. May end up later.
    func seek(_ index: Int, to time: Double) throws(MediaError) -> Bool {
        let status = cffmpeg_input_seek(pointer, Int32(index), time)
        if status == CFFMPEG_OK { return true }
        if status == CFFMPEG_STOPPED || status == CFFMPEG_READ_FAILED {
            throw error(status, "The file could not be read.")
        }
        return false
    }

    /// The times of the keyframes around `time`, where the file has an index.
    func keyframes(_ index: Int, around time: Double) -> (before: Double?, after: Double?) {
        var before = Double.nan
        var after = Double.nan
        cffmpeg_input_keyframes(pointer, Int32(index), time, &before, &after)
        return (before.isNaN ? nil : before, after.isNaN ? nil : after)
    }
}

/// A packet of coded data; reused from read to read.
final class MediaPacket {
    let pointer: OpaquePointer

    init() throws(MediaError) {
        guard let pointer = cffmpeg_packet_new() else { throw MediaInput.noMemory }
        self.pointer = pointer
    }

    deinit { cffmpeg_packet_free(pointer) }

    /// Whether it can be decoded without others.
    var isKey: Bool { cffmpeg_packet_is_key(pointer) }

    /// Seconds from the start of `input` at which it begins to be shown.
    func time(in input: MediaInput) -> Double? {
        let time = cffmpeg_packet_time(input.pointer, pointer)
        return time.isNaN ? nil : time
    }

    /// Seconds from the start of `input` at which it ends to be shown.
    func end(in input: MediaInput) -> Double? {
        let time = cffmpeg_packet_end(input.pointer, pointer)
        return time.isNaN ? nil : time
    }
}
