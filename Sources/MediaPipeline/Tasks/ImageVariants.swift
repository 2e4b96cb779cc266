internal import MediaEngine
internal import ObjectStorage
public import TaskCore

/// Makes the variants of an image that a preset asks for, and its placeholder.
public struct ImageVariants: MediaTask {
    /// `image.variants`
    public static let name = "image.variants"

    /// An image and what to make of it.
    public struct Input: MediaTaskInput {
        /// The image.
        public var source: MediaSource
        /// What to make of it.
        public var preset: MediaPreset
        /// Where outputs go; nil: under the content's hash and the preset's digest.
        public var folder: OutputFolder?

        /// Asks for the variants of `preset`.
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
        /// The image's format, such as `jpeg`.
        public var format: String
        /// Pixels across, upright.
        public var width: Int
        /// Pixels down, upright; of one frame.
        public var height: Int
        /// Frames; 1 for a still image.
        public var frames: Int
        /// One for each variant and format, in the order of the preset.
        public var images: [StoredImage]
        /// The BlurHash or data URL, where the preset asks for one.
        public var placeholder: String?
    }

    private let environment: MediaEnvironment

    /// The task type, at work in this environment.
    public init(_ environment: MediaEnvironment) { self.environment = environment }

    /// Makes the variants; see `MediaTaskError` and `MediaError` for what failures are called.
    public func run(_ input: Input, context: TaskContext) async throws -> Output {
        let attempt = MediaAttempt(environment: environment, context: context)
        return try await attempt.withScratch { scratch in
            let result = try await attempt.withSource(input.source) { path in
                try await attempt.run(
                    .image(ImageJob(input: path, outputDirectory: scratch, preset: input.preset.image))
                )
            }
            guard case .image(let image) = result else { throw MediaError(.engineFailed, "The engine made no image.") }
            let prefix = input.folder?.prefix ?? "\(input.source.sha256)/\(input.preset.digest)"
            return Output(
                format: image.inputFormat,
                width: image.inputWidth,
                height: image.inputHeight,
                frames: image.inputFrames,
                images: try await attempt.store(image.outputs, under: prefix),
                placeholder: image.placeholder
            )
        }
    }
}
