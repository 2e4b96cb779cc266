internal import MediaEngine
internal import ObjectStorage
public import TaskCore

/// Takes the picture that stands for a video, or the cover of a piece of music, in the variants that a preset asks for.
public struct VideoPoster: MediaTask {
    /// `video.poster`
    public static let name = "video.poster"

    /// A video and what to make of it.
    public struct Input: MediaTaskInput {
        /// The video.
        public var source: MediaSource
        /// Which picture, in which variants: its poster.
        public var preset: MediaPreset
        /// Where outputs go; nil: under the content's hash and the preset's digest.
        public var folder: OutputFolder?

        /// Asks for the poster of `preset`.
        public init(source: MediaSource, preset: MediaPreset, folder: OutputFolder? = nil) {
            self.source = source
            self.preset = preset
            self.folder = folder
        }

        /// What the preset makes.
        public var variation: String { preset.digest }
    }

    /// What was made.
    public struct Output: Codable, Sendable, Equatable {
        /// Seconds from the start at which the picture is shown, where known; nil for cover art.
        public var time: Double?
        /// The picture's width before it was scaled, in pixels as shown.
        public var width: Int
        /// The picture's height before it was scaled, in pixels as shown.
        public var height: Int
        /// One for each variant and format, in the order of the preset.
        public var images: [StoredImage]
        /// The BlurHash or data URL, where the preset asks for one.
        public var placeholder: String?
    }

    private let environment: MediaEnvironment

    /// The task type, at work in this environment.
    public init(_ environment: MediaEnvironment) { self.environment = environment }

    /// Takes the picture and makes its variants.
    public func run(_ input: Input, context: TaskContext) async throws -> Output {
        let attempt = MediaAttempt(environment: environment, context: context)
        return try await attempt.withScratch { scratch in
            let poster = input.preset.poster
            let result = try await attempt.withSource(input.source) { path in
                try await attempt.run(
                    .poster(
                        PosterJob(
                            input: path,
                            outputDirectory: scratch,
                            position: poster.position,
                            preset: poster.image
                        )
                    )
                )
            }
            guard case .poster(let result) = result else {
                throw MediaError(.engineFailed, "The engine took no picture.")
            }
            let prefix = input.folder?.prefix ?? "\(input.source.sha256)/\(input.preset.digest)"
            return Output(
                time: result.time,
                width: result.image.inputWidth,
                height: result.image.inputHeight,
                images: try await attempt.store(result.image.outputs, under: prefix),
                placeholder: result.image.placeholder
            )
        }
    }
}
