internal import CFFmpeg

extension MediaInput {
    static var libraryMissing: MediaError {
        let message = "This build has no FFmpeg. Install libavfilter-dev (Debian) or ffmpeg (Homebrew) and build again."
        return MediaError(.libraryMissing, message)
    }

    static var noMemory: MediaError { MediaError(.limitExceeded, "The file needs more memory than there is.") }

    /// What a status means after the file was opened; `message` is for what is plainly damaged.
    func error(_ status: CFFmpegStatus, _ message: String) -> MediaError {
        Self.error(status, message, limits, cancellation)
    }

    static func openError(
        _ failure: CFFmpegFailure,
        _ file: MediaFile,
        _ limits: MediaLimits,
        _ cancellation: CancellationFlag
    ) -> MediaError {
        let format = withUnsafeBytes(of: failure.format) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        switch failure.status {
        case CFFMPEG_UNRECOGNISED:
            return MediaError(.unsupportedFormat, "The file is of no known video or sound format, or it is damaged.")
        case CFFMPEG_FORMAT_REFUSED:
            return MediaFormats.refusal(of: format)
        case CFFMPEG_TOO_MANY_STREAMS:
            return MediaError(.tooLarge, "The file has more than the \(limits.maxStreams) tracks that are accepted.")
        case CFFMPEG_NO_MEMORY:
            // How FFmpeg's demuxers answer when they may not make another stream, too.
            return MediaError(.tooLarge, "The file has too many tracks, or its header is too large.")
        default:
            let reason = format.hasPrefix("mov") ? IsoBoxes.flaw(in: file) : nil
            return error(failure.status, reason ?? "The file's header is damaged.", limits, cancellation)
        }
    }

    private static func error(
        _ status: CFFmpegStatus,
        _ message: String,
        _ limits: MediaLimits,
        _ cancellation: CancellationFlag
    ) -> MediaError {
        switch status {
        case CFFMPEG_STOPPED: cancellation.reason ?? MediaError(.cancelled, "The work was cancelled.")
        case CFFMPEG_READ_FAILED: MediaError(.inputUnreadable, "The input could not be read.")
        case CFFMPEG_NO_MEMORY: noMemory
        case CFFMPEG_MISSING: libraryMissing
        case CFFMPEG_CODEC_REFUSED: MediaError(.unsupportedFormat, "The file's codec is not supported.")
        case CFFMPEG_TOO_MANY_PIXELS:
            MediaError(.tooLarge, "The picture has more than the \(limits.maxVideoPixels) pixels that are accepted.")
        default: MediaError(.corruptInput, message)
        }
    }
}

extension Double {
    /// With one digit after the point, or none where it is whole.
    var formattedShort: String {
        let tenths = (self * 10).rounded()
        guard tenths.isFinite, abs(tenths) < 1e15 else { return description }
        let value = Int(tenths)
        return value % 10 == 0 ? "\(value / 10)" : "\(value / 10).\(abs(value % 10))"
    }
}
