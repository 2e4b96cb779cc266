internal import CFFmpeg

/// Decodes one picture track of an input, forward from wherever the input is.
final class VideoDecoder {
    let input: MediaInput
    let index: Int
    private let packet: MediaPacket
    private let pointer: OpaquePointer
    private var isDraining = false

    /// Packets that end before this time (seconds) may be skipped where no other frame needs them. Nil: decode all.
    var skipsBefore: Double?

    /// Opens the decoder of stream `index`; other streams of `input` are no longer read.
    ///
    /// - Throws: `unsupportedFormat` when there is no decoder, or none that is allowed.
    init(_ input: MediaInput, index: Int) throws(MediaError) {
        self.input = input
        self.index = index
        packet = try MediaPacket()
        var status = CFFMPEG_FAILED
        // One thread: jobs run beside each other, and more threads hold more frames.
        guard let decoder = cffmpeg_decoder_open(input.pointer, Int32(index), 1, &status) else {
            let codec = String(cString: cffmpeg_input_stream(input.pointer, Int32(index)).codec)
            if status == CFFMPEG_CODEC_REFUSED {
                throw MediaError(.unsupportedFormat, "Video of the codec '\(codec)' is not supported.")
            }
            throw input.error(status, "The video's header is damaged.")
        }
        pointer = decoder
        input.select(index)
    }

    deinit { cffmpeg_decoder_close(pointer) }

    /// Goes to the keyframe at or before `time`; false where the format cannot. The next frame may still be later: look.
    func seek(to time: Double) throws(MediaError) -> Bool {
        guard try input.seek(index, to: time) else { return false }
        reset()
        return true
    }

    /// Decodes on to the next frame; false at the end. Damaged packets are passed over.
    func next(into frame: VideoFrame) throws(MediaError) -> Bool {
        while true {
            try input.cancellation.check()
            switch cffmpeg_decoder_receive(pointer, frame.pointer) {
            case CFFMPEG_OK: return true
            case CFFMPEG_END: return false
            case CFFMPEG_NO_MEMORY: throw MediaInput.noMemory
            case CFFMPEG_AGAIN: try feed()
            default:
                // An error while draining would come again for ever.
                if isDraining { return false }
                try feed()
            }
        }
    }

    /// Decodes the next keyframe at or after `time` alone, with nothing that follows it; false when there is none.
    func nextKeyframe(from time: Double, into frame: VideoFrame) throws(MediaError) -> Bool {
        while try input.read(into: packet) {
            guard packet.isKey, packet.time(in: input) ?? time >= time else { continue }
            let found = try decode(packet, into: frame)
            reset()
            if found { return true }
        }
        return false
    }

    /// Decodes a packet that needs no other, such as cover art.
    func decode(_ packet: MediaPacket, into frame: VideoFrame) throws(MediaError) -> Bool {
        try input.cancellation.check()
        let sent = cffmpeg_decoder_send(pointer, packet.pointer)
        if sent == CFFMPEG_NO_MEMORY { throw MediaInput.noMemory }
        guard sent == CFFMPEG_OK else { return false }
        _ = cffmpeg_decoder_send(pointer, nil)
        return cffmpeg_decoder_receive(pointer, frame.pointer) == CFFMPEG_OK
    }

    private func reset() {
        cffmpeg_decoder_flush(pointer)
        isDraining = false
    }

    private func feed() throws(MediaError) {
        guard !isDraining, try input.read(into: packet) else {
            isDraining = true
            _ = cffmpeg_decoder_send(pointer, nil)
            return
        }
        if let skipsBefore {
            let isEarly = packet.end(in: input).map { $0 < skipsBefore } ?? false
            cffmpeg_decoder_skip(pointer, isEarly ? CFFMPEG_SKIP_UNREFERENCED : CFFMPEG_SKIP_NOTHING)
        } else {
            cffmpeg_decoder_skip(pointer, CFFMPEG_SKIP_NOTHING)
        }
        if cffmpeg_decoder_send(pointer, packet.pointer) == CFFMPEG_NO_MEMORY { throw MediaInput.noMemory }
    }
}
