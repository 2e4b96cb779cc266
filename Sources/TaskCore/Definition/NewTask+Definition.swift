#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What an enqueuer may say beyond the input; nil: as the task type's defaults say.
public struct EnqueueOptions: Sendable {
    /// The queue.
    public var queue: String?
    /// Higher runs first, from −32768 to 32767.
    public var priority: Int?
    /// Not before this time; nil for at once.
    public var runAt: Date?
    /// How many attempts may be used up, 1…1000.
    public var maxAttempts: Int?
    /// How long one attempt may run.
    public var timeout: Duration?
    /// Facts to filter by and show.
    public var metadata: TaskMetadata
    /// Who the task belongs to.
    public var owner: String?
    /// The task it came from.
    public var parent: TaskID?
    /// Makes repeating the enqueue harmless.
    public var idempotency: IdempotencyKey?
    /// At most one active task of this key.
    public var uniqueKey: String?
    /// Tasks to enqueue when this one is done, in the same transaction.
    public var followUps: [NewTask]

    /// Options with these parts.
    public init(
        queue: String? = nil,
        priority: Int? = nil,
        runAt: Date? = nil,
        maxAttempts: Int? = nil,
        timeout: Duration? = nil,
        metadata: TaskMetadata = [:],
        owner: String? = nil,
        parent: TaskID? = nil,
        idempotency: IdempotencyKey? = nil,
        uniqueKey: String? = nil,
        followUps: [NewTask] = []
    ) {
        self.queue = queue
        self.priority = priority
        self.runAt = runAt
        self.maxAttempts = maxAttempts
        self.timeout = timeout
        self.metadata = metadata
        self.owner = owner
        self.parent = parent
        self.idempotency = idempotency
        self.uniqueKey = uniqueKey
        self.followUps = followUps
    }
}

extension NewTask {
    /// A task of a type: its name, its input as JSON, and its defaults where the options say nothing.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when the input cannot be written as JSON.
    public init<Definition: TaskDefinition>(
        _ type: Definition.Type,
        _ input: Definition.Input,
        options: EnqueueOptions = EnqueueOptions()
    ) throws {
        self.init(name: Definition.name, input: try JSONText(encoding: input), Definition.defaults, options)
    }

    /// A task with a type's defaults where the options say nothing.
    init(name: String, input: JSONText, _ defaults: TaskDefaults, _ options: EnqueueOptions) {
        self.init(
            name: name,
            input: input,
            queue: options.queue ?? defaults.queue,
            priority: options.priority ?? defaults.priority,
            metadata: options.metadata,
            runAt: options.runAt,
            maxAttempts: options.maxAttempts ?? defaults.maxAttempts,
            timeout: options.timeout ?? defaults.timeout,
            owner: options.owner,
            parent: options.parent,
            idempotency: options.idempotency,
            uniqueKey: options.uniqueKey,
            followUps: options.followUps
        )
    }
}
