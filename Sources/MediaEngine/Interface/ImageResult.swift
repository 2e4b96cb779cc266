/// What an image job made.
public struct ImageResult: Codable, Sendable, Equatable {
    /// The input's format, such as `jpeg`, `gif`; `frame` for a frame of a video.
    public var inputFormat: String
    /// The input's width as shown upright, in pixels.
    public var inputWidth: Int
    /// The input's height as shown upright, in pixels; of one frame.
    public var inputHeight: Int
    /// Frames of the input; 1 for a still image.
    public var inputFrames: Int
    /// One entry for each variant and format, in the order of the preset.
    public var outputs: [ImageOutput]
    /// The BlurHash or data URL, if the preset asks for one.
    public var placeholder: String?
}

/// One file that was made.
public struct ImageOutput: Codable, Sendable, Equatable {
    /// The variant's name.
    public var variant: String
    /// The local path.
    public var path: String
    /// The file's format.
    public var format: ImageVariant.Format
    /// Pixels across.
    public var width: Int
    /// Pixels down; of one frame.
    public var height: Int
    /// Frames; 1 for a still image.
    public var frames: Int
    /// Bytes of the file.
    public var byteCount: Int
}

/// What a poster job made.
public struct PosterResult: Codable, Sendable, Equatable {
    /// Seconds from the start of the video at which the frame is shown, where known.
    public var time: Double?
    /// The frame's variants and placeholder.
    public var image: ImageResult
}
