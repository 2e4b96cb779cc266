/// What a video or audio file is, as far as its container and codecs tell.
public struct ProbeReport: Codable, Sendable, Equatable {
    /// The container's short name, such as `mp4`, `webm`, `mp3`.
    public var container: String
    /// The length in seconds; nil when neither the container nor a stream tells it.
    public var duration: Double?
    /// The whole file's bits per second.
    public var bitRate: Int?
    /// Bytes of the file.
    public var byteCount: Int?
    /// Every picture track that is not cover art, in file order.
    public var video: [VideoTrack] = []
    /// Every sound track, in file order.
    public var audio: [AudioTrack] = []
    /// Every subtitle track, in file order.
    public var subtitles: [SubtitleTrack] = []
    /// True when the file carries a still picture as cover art.
    public var hasCoverArt = false

    /// A report on a file of this container, with nothing else known.
    public init(container: String) { self.container = container }

    /// The track a player would show: the default one, else the first.
    public var mainVideo: VideoTrack? { video.first(where: \.isDefault) ?? video.first }
    /// Width as shown, in pixels, of the main track.
    public var displayWidth: Int? { mainVideo?.displayWidth }
    /// Height as shown, in pixels, of the main track.
    public var displayHeight: Int? { mainVideo?.displayHeight }
}

extension ProbeReport {
    /// A picture track.
    public struct VideoTrack: Codable, Sendable, Equatable {
        /// The stream's number in the file.
        public var index: Int
        /// The codec's short name, such as `h264`.
        public var codec: String
        /// The codec's profile, such as `High`.
        public var profile: String?
        /// Width as coded, in pixels.
        public var codedWidth: Int
        /// Height as coded, in pixels.
        public var codedHeight: Int
        /// Width as shown, rotation and pixel aspect applied.
        public var displayWidth: Int
        /// Height as shown, rotation and pixel aspect applied.
        public var displayHeight: Int
        /// Clockwise rotation applied for showing: 0, 90, 180 or 270 degrees.
        public var rotation: Int
        /// Frames per second, on average.
        public var frameRate: Double?
        /// Frames, where the container counts them.
        public var frameCount: Int?
        /// Bits per second.
        public var bitRate: Int?
        /// Length in seconds.
        public var duration: Double?
        /// The pixel format's name, such as `yuv420p`.
        public var pixelFormat: String?
        /// High dynamic range: `hdr10`, `hlg`, `dolbyVision`; nil for standard range.
        public var hdr: String?
        /// True for the track that the file marks as the default.
        public var isDefault: Bool

        /// A track with what every track has.
        public init(index: Int, codec: String, codedWidth: Int, codedHeight: Int) {
            self.index = index
            self.codec = codec
            self.codedWidth = codedWidth
            self.codedHeight = codedHeight
            displayWidth = codedWidth
            displayHeight = codedHeight
            rotation = 0
            isDefault = false
        }
    }

    /// A sound track.
    public struct AudioTrack: Codable, Sendable, Equatable {
        /// The stream's number in the file.
        public var index: Int
        /// The codec's short name, such as `aac`.
        public var codec: String
        /// Channels.
        public var channels: Int
        /// Samples per second and channel.
        public var sampleRate: Int
        /// Bits per second.
        public var bitRate: Int?
        /// Length in seconds.
        public var duration: Double?
        /// The language tag as written in the file, such as `eng`.
        public var language: String?
        /// The track's title.
        public var title: String?
        /// True for the track that the file marks as the default.
        public var isDefault: Bool

        /// A track with what every track has.
        public init(index: Int, codec: String, channels: Int, sampleRate: Int) {
            self.index = index
            self.codec = codec
            self.channels = channels
            self.sampleRate = sampleRate
            isDefault = false
        }
    }

    /// A subtitle track.
    public struct SubtitleTrack: Codable, Sendable, Equatable {
        /// The stream's number in the file.
        public var index: Int
        /// The codec's short name, such as `mov_text`.
        public var codec: String
        /// The language tag as written in the file, such as `eng`.
        public var language: String?
        /// The track's title.
        public var title: String?
        /// True for the track that the file marks as the default.
        public var isDefault: Bool

        /// A track with what every track has.
        public init(index: Int, codec: String) {
            self.index = index
            self.codec = codec
            isDefault = false
        }
    }
}
