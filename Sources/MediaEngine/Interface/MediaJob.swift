/// One unit of media work on local files. Codable, because it travels to a child process.
///
/// New kinds of work are new cases; a job may run for hours and report several phases of progress.
public enum MediaJob: Codable, Sendable, Equatable {
    /// Variants and a placeholder of an image.
    case image(ImageJob)
    /// What a video or audio file is.
    case probe(ProbeJob)
    /// One frame of a video, rendered like an image.
    case poster(PosterJob)
}

/// What a job made.
public enum MediaResult: Codable, Sendable, Equatable {
    /// The variants of an image.
    case image(ImageResult)
    /// What a video or audio file is.
    case probe(ProbeReport)
    /// A poster's variants.
    case poster(PosterResult)
}

/// Asks for the variants of an image.
public struct ImageJob: Codable, Sendable, Equatable {
    /// The local path of the image.
    public var input: String
    /// The local directory the variants are put into, as `<variant>.<extension>`. It is created when missing. Temporary
    /// files lie in a hidden directory inside it while the job runs.
    public var outputDirectory: String
    /// Which variants.
    public var preset: ImagePreset

    /// Asks for the variants of `preset` of the image at `input`.
    public init(input: String, outputDirectory: String, preset: ImagePreset) {
        self.input = input
        self.outputDirectory = outputDirectory
        self.preset = preset
    }
}

/// Asks what a video or audio file is. Writes nothing.
public struct ProbeJob: Codable, Sendable, Equatable {
    /// The local path of the file.
    public var input: String

    /// Asks what the file at `input` is.
    public init(input: String) { self.input = input }
}

/// Asks for one frame of a video, in the variants of an image preset.
public struct PosterJob: Codable, Sendable, Equatable {
    /// The local path of the video.
    public var input: String
    /// The local directory the variants are put into; see ``ImageJob/outputDirectory``.
    public var outputDirectory: String
    /// Which frame.
    public var position: PosterPosition
    /// Which variants of the frame.
    public var preset: ImagePreset

    /// Asks for the variants of `preset` of the frame at `position`.
    public init(input: String, outputDirectory: String, position: PosterPosition, preset: ImagePreset) {
        self.input = input
        self.outputDirectory = outputDirectory
        self.position = position
        self.preset = preset
    }
}

/// Which frame of a video becomes the poster. A position beyond the end means the last frame.
public enum PosterPosition: Codable, Sendable, Equatable {
    /// The frame shown at this many seconds from the start, exactly.
    case seconds(Double)
    /// The frame shown at this percentage (0…100) of the duration.
    case percent(Double)
    /// The keyframe nearest to this many seconds: the cheapest.
    case keyframe(near: Double)
    /// The frame that represents the video best: neither black nor blurred.
    case best
}
