internal import CFFmpeg

/// Finds out what a video or sound file is.
enum VideoProbe {
    /// Files of unknown length up to this many bytes are read through to measure it: some 10 ms.
    private static let measuredBytes = 32 << 20
    /// Frame rates beyond are time bases that were taken for rates.
    private static let plausibleFrameRates = 0.01...1000.0

    /// Reads the header, and no more packets than it takes to know the tracks. Blocks, some 2 ms.
    ///
    /// - Throws: `MediaError`; what is wrong with the file is permanent and readable, see ``MediaInput/init(path:limits:cancellation:)``.
    static func probe(
        path: String,
        limits: MediaLimits,
        cancellation: CancellationFlag
    ) throws(MediaError) -> ProbeReport {
        let input = try MediaInput(path: path, limits: limits, cancellation: cancellation)
        let report = try report(on: input)
        if report.video.isEmpty, report.audio.isEmpty, !report.hasCoverArt {
            throw MediaError(.corruptInput, "The file has neither pictures nor sound that could be read.")
        }
        return report
    }

    private static func report(on input: MediaInput) throws(MediaError) -> ProbeReport {
        let container = input.container
        let start = input.file.bytes(at: 0, count: 256)
        var report = ProbeReport(
            container: MediaFormats.shortName(demuxer: container.demuxer, brand: container.brand, start: start)
        )
        report.duration = container.duration
        if report.duration == nil { report.duration = try input.measuredDuration(byteLimit: measuredBytes) }
        report.byteCount = input.file.size
        report.bitRate = container.bitRate
        for (index, stream) in input.streams {
            switch stream.kind {
            case CFFMPEG_VIDEO where stream.is_attached_picture: report.hasCoverArt = true
            case CFFMPEG_VIDEO: report.video.append(video(index, stream))
            case CFFMPEG_AUDIO: report.audio.append(audio(index, stream))
            case CFFMPEG_SUBTITLE: report.subtitles.append(subtitles(index, stream))
            default: break
            }
        }
        return report
    }

    private static func video(_ index: Int, _ stream: CFFmpegStream) -> ProbeReport.VideoTrack {
        let (width, height) = (Int(stream.width), Int(stream.height))
        let geometry = DisplayGeometry(of: stream)
        let display = geometry.displaySize(width: width, height: height)
        var track = ProbeReport.VideoTrack(
            index: index,
            codec: string(stream.codec) ?? "unknown",
            codedWidth: width,
            codedHeight: height
        )
        track.profile = string(stream.profile)
        track.displayWidth = display.width
        track.displayHeight = display.height
        track.rotation = geometry.rotation
        let rates = [stream.average_frame_rate, stream.guessed_frame_rate]
        track.frameRate = rates.first { plausibleFrameRates.contains($0) }
        track.frameCount = stream.frame_count > 0 ? Int(stream.frame_count) : nil
        track.bitRate = stream.bit_rate > 0 ? Int(stream.bit_rate) : nil
        track.duration = stream.duration.isNaN ? nil : stream.duration
        track.pixelFormat = string(stream.pixel_format)
        track.hdr =
            stream.has_dolby_vision ? "dolbyVision" : HighDynamicRange(transfer: string(stream.transfer))?.rawValue
        track.isDefault = stream.is_default
        return track
    }

    private static func audio(_ index: Int, _ stream: CFFmpegStream) -> ProbeReport.AudioTrack {
        var track = ProbeReport.AudioTrack(
            index: index,
            codec: string(stream.codec) ?? "unknown",
            channels: Int(stream.channels),
            sampleRate: Int(stream.sample_rate)
        )
        track.bitRate = stream.bit_rate > 0 ? Int(stream.bit_rate) : nil
        track.duration = stream.duration.isNaN ? nil : stream.duration
        track.language = string(stream.language)
        track.title = string(stream.title)
        track.isDefault = stream.is_default
        return track
    }

    private static func subtitles(_ index: Int, _ stream: CFFmpegStream) -> ProbeReport.SubtitleTrack {
        var track = ProbeReport.SubtitleTrack(index: index, codec: string(stream.codec) ?? "unknown")
        track.language = string(stream.language)
        track.title = string(stream.title)
        track.isDefault = stream.is_default
        return track
    }

    private static func string(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
}

extension DisplayGeometry {
    /// How this stream's pictures are shown.
    init(of stream: CFFmpegStream) {
        let matrix =
            stream.has_matrix ? withUnsafeBytes(of: stream.matrix) { Array($0.bindMemory(to: Int32.self)) } : nil
        self.init(matrix: matrix, aspectNumerator: stream.aspect_num, aspectDenominator: stream.aspect_den)
    }
}
