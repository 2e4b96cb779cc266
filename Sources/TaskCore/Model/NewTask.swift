#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What is asked for: a task that is not stored yet.
public struct NewTask: Hashable, Sendable, Codable, Identifiable {
    /// The id it will have. Enqueueing the same id again changes nothing and answers with the stored task.
    public var id: TaskID
    /// The task type's name, 1…200 bytes.
    public var name: String
    /// The queue, 1…200 bytes.
    public var queue: String
    /// Higher runs first, from −32768 to 32767.
    public var priority: Int
    /// The input, at most 1 MiB of JSON.
    public var input: JSONText
    /// Facts to filter by and show: at most 64 KiB of JSON, nested at most 32 levels.
    public var metadata: TaskMetadata
    /// Not before this time; nil for at once.
    public var runAt: Date?
    /// How many attempts may be used up, 1…1000.
    public var maxAttempts: Int
    /// How long one attempt may run, up to ten years; nil for as long as it takes. A worker ends it then; a store rescues it if no worker did.
    public var timeout: Duration?
    /// Who it belongs to, or nil; at most 200 bytes.
    public var owner: String?
    /// The task it came from, or nil.
    public var parent: TaskID?
    /// The same key with the same name and input is the same task (see ``IdempotencyKey``).
    public var idempotency: IdempotencyKey?
    /// While a task with this key is queued or running, another one is not stored; the answer is the existing one. At most 200 bytes.
    public var uniqueKey: String?
    /// Tasks to enqueue when this one is done, in the same transaction, with this one as their parent; at most 100.
    public var followUps: [NewTask]

    /// A task by name, for callers that have no ``TaskDefinition`` at hand.
    public init(
        id: TaskID = TaskID(),
        name: String,
        input: JSONText = .null,
        queue: String = "default",
        priority: Int = 0,
        metadata: TaskMetadata = [:],
        runAt: Date? = nil,
        maxAttempts: Int = 5,
        timeout: Duration? = nil,
        owner: String? = nil,
        parent: TaskID? = nil,
        idempotency: IdempotencyKey? = nil,
        uniqueKey: String? = nil,
        followUps: [NewTask] = []
    ) {
        self.id = id
        self.name = name
        self.queue = queue
        self.priority = priority
        self.input = input
        self.metadata = metadata
        self.runAt = runAt
        self.maxAttempts = maxAttempts
        self.timeout = timeout
        self.owner = owner
        self.parent = parent
        self.idempotency = idempotency
        self.uniqueKey = uniqueKey
        self.followUps = followUps
    }
}

/// A key that makes repeating an enqueue harmless, with Stripe's semantics.
///
/// The same key of the same owner, with the same task name and input, answers with the task that was stored first, whatever has
/// become of it; with another name or input it is a conflict and nothing is stored. Source: https://docs.stripe.com/api/idempotent_requests
public struct IdempotencyKey: Hashable, Sendable, Codable {
    /// The key, 1…200 bytes, unique per owner.
    public var key: String
    /// How long the key is remembered, up to a hundred years; nil for as long as the task is kept.
    public var timeToLive: Duration?

    /// A key remembered for 24 hours unless said otherwise.
    ///
    /// - Parameters:
    ///   - key: 1…200 bytes.
    ///   - timeToLive: Positive and at most a hundred years: enqueueing refuses others with `invalidInput`. Nil for as long as the task is kept.
    public init(_ key: String, timeToLive: Duration? = .seconds(86_400)) {
        self.key = key
        self.timeToLive = timeToLive
    }
}
