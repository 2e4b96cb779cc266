public import MediaEngine
public import ObjectStorage
public import TaskCore

/// What the media task types work with: where files come from and go to, and what decodes them. Make one per process.
public struct MediaEnvironment: Sendable {
    /// Where the inputs' sources are read.
    public var sources: any ObjectStorage
    /// Where outputs are stored.
    public var outputs: any ObjectStorage
    /// What decodes; in a limited child process unless it was made otherwise.
    public var engine: MediaEngine
    /// A local directory for the files of running tasks. It is made when missing; only this service may write to it.
    public var workDirectory: String

    /// An environment of these parts.
    public init(
        sources: any ObjectStorage,
        outputs: any ObjectStorage,
        engine: MediaEngine = MediaEngine(),
        workDirectory: String
    ) {
        self.sources = sources
        self.outputs = outputs
        self.engine = engine
        self.workDirectory = workDirectory
    }

    /// Every media task type, for a worker's list.
    public var taskTypes: [any TaskDefinition] { [ImageVariants(self), ProbeMedia(self), VideoPoster(self)] }
}
