/// Which formats and codecs are opened at all, by FFmpeg's names. What is missing here is refused before a byte of it is parsed
/// beyond recognition; playlists and anything else that names other files must stay out.
enum MediaFormats {
    static let demuxers = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "mpegts", "mpeg", "avi", "flv", "asf", "ogg", "mp3", "wav", "flac",
        "aac",
        "aiff", "gif",
    ]

    static let decoders = [
        // Pictures.
        "h264", "hevc", "vp8", "vp9", "libdav1d", "libaom-av1", "av1", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg",
        "png",
        "gif", "theora", "h263", "flv", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3", "vc1", "prores",
        "dnxhd",
        "dvvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "qtrle", "rawvideo", "cinepak", "svq1", "svq3", "bmp",
        "webp",
        // Sound.
        "aac", "aac_latm", "mp3float", "mp3", "mp2float", "mp2", "opus", "libopus", "vorbis", "flac", "alac", "ac3",
        "eac3",
        "dca", "truehd", "wmav1", "wmav2", "wmapro", "amrnb", "amrwb", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt",
        "pcm_u8",
        "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le",
        "pcm_f32be",
        "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "speex", "libspeex", "gsm",
        // Subtitles; their headers are read, they are never rendered.
        "mov_text", "srt", "subrip", "ass", "ssa", "webvtt", "dvbsub", "dvdsub", "pgssub",
    ]

    /// Formats that are nothing but references to other files or addresses.
    private static let playlists: Set<Substring> = [
        "hls", "applehttp", "concat", "dash", "sdp", "rtsp", "tedcaptions", "imf", "ffmetadata", "vapoursynth", "smil",
    ]

    /// Why a format that was recognised is not opened.
    static func refusal(of demuxer: String) -> MediaError {
        let names = demuxer.split(separator: ",")
        if names.contains(where: playlists.contains) {
            let message = "This is a playlist that refers to other files, not a video. Send the media file itself."
            return MediaError(.notAllowed, message)
        }
        if names.contains(where: { $0.hasSuffix("_pipe") || $0 == "image2" || $0 == "ico" }) {
            return MediaError(.unsupportedFormat, "This is a picture, not a video or sound file.")
        }
        return MediaError(.unsupportedFormat, "Files of the format '\(names.first ?? "?")' are not supported.")
    }

    /// The short name people use, from FFmpeg's demuxer, the brand of an MP4 and the first bytes of a Matroska file.
    static func shortName(demuxer: String, brand: String?, start: [UInt8]) -> String {
        switch demuxer {
        case "mov,mp4,m4a,3gp,3g2,mj2":
            // Without a brand it is an old QuickTime file.
            guard let brand else { return "mov" }
            if brand.hasPrefix("qt") { return "mov" }
            if brand.hasPrefix("M4A") || brand.hasPrefix("M4B") { return "m4a" }
            return brand.hasPrefix("3g") ? "3gp" : "mp4"
        case "matroska,webm": return isWebM(start) ? "webm" : "mkv"
        case "mpeg": return "mpegps"
        default: return demuxer.split(separator: ",").first.map(String.init) ?? demuxer
        }
    }

    /// Whether the EBML header's DocType (element 4282) is `webm`.
    private static func isWebM(_ start: [UInt8]) -> Bool {
        let docType: [UInt8] = [0x42, 0x82, 0x84] + Array("webm".utf8)
        return start.indices.contains { start[$0...].starts(with: docType) }
    }
}
