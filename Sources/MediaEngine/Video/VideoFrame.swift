internal import CFFmpeg

/// A decoded picture as the codec left it; reused from frame to frame.
final class VideoFrame {
    let pointer: OpaquePointer

    init() throws(MediaError) {
        guard let pointer = cffmpeg_frame_new() else { throw MediaInput.noMemory }
        self.pointer = pointer
    }

    deinit { cffmpeg_frame_free(pointer) }

    var info: CFFmpegFrameInfo { cffmpeg_frame_info(pointer) }

    /// Seconds from the start of the file at which it is shown.
    var time: Double? {
        let time = info.time
        return time.isNaN ? nil : time
    }

    /// Scales and converts into rows of `stride` bytes, a multiple of 64.
    func pixels(
        _ format: CFFmpegPixels,
        width: Int,
        height: Int
    ) throws(MediaError) -> (bytes: [UInt8], stride: Int) {
        let bytesPerPixel =
            switch format {
            case CFFMPEG_RGB8: 3
            case CFFMPEG_RGBA8: 4
            case CFFMPEG_RGB16: 6
            default: 1
            }
        let stride = (width * bytesPerPixel + 63) / 64 * 64
        var status = CFFMPEG_FAILED
        let bytes = [UInt8](unsafeUninitializedCapacity: stride * height + 64) { buffer, count in
            // Padding that nobody writes must not show what was in memory before.
            buffer.initialize(repeating: 0)
            status = cffmpeg_frame_convert(pointer, format, Int32(width), Int32(height), buffer.baseAddress, stride)
            count = stride * height
        }
        switch status {
        case CFFMPEG_OK: return (bytes, stride)
        case CFFMPEG_NO_MEMORY: throw MediaInput.noMemory
        default: throw MediaError(.unsupportedFormat, "The video's pixel format cannot be converted.")
        }
    }
}
