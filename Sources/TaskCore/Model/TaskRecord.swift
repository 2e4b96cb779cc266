#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The stored task, a value: how it stood at `version`.
///
/// Dates are whole microseconds.
public struct TaskRecord: Hashable, Sendable, Identifiable {
    /// Shared between copies: records are copied often, and what was asked for seldom changes.
    private var shared: SharedRequest

    /// What was asked for, as edited since by `update`, `retry` and the metadata that attempts set. Its `runAt` is nil: ``runAt`` is the truth.
    public var request: NewTask {
        get { shared.request }
        set { shared = SharedRequest(newValue) }
    }
    /// Where it stands.
    public var status: TaskStatus
    /// How far the current or last attempt came.
    public var progress: TaskProgress
    /// What it returned, once done.
    public var result: JSONText?
    /// Why its last failed attempt failed (or lost its worker, or timed out): kept until it is done, also through a retry.
    public var error: TaskFailure?
    /// Attempts used up, the running one included; back to 0 when somebody retries it.
    public var attempts: Int
    /// How many of these ended with their worker lost.
    public var lostAttempts: Int
    /// Grows at every claim; 0 before the first.
    public var fence: Int64
    /// Not before this time.
    public var runAt: Date
    /// When it was stored.
    public var createdAt: Date
    /// When it last changed, progress included.
    public var updatedAt: Date
    /// When its current or last attempt was claimed; kept while it waits to be retried.
    public var startedAt: Date?
    /// When it became done, failed or cancelled.
    public var finishedAt: Date?
    /// When its cancellation was asked for while it ran; nil again after a retry.
    public var cancelRequestedAt: Date?
    /// Who runs it or ran it last.
    public var worker: WorkerID?
    /// Grows at every change, progress included; 1 when stored.
    public var version: Int64

    /// A record with these parts: for stores.
    public init(
        request: NewTask,
        status: TaskStatus,
        progress: TaskProgress = .none,
        result: JSONText? = nil,
        error: TaskFailure? = nil,
        attempts: Int = 0,
        lostAttempts: Int = 0,
        fence: Int64 = 0,
        runAt: Date,
        createdAt: Date,
        updatedAt: Date,
        startedAt: Date? = nil,
        finishedAt: Date? = nil,
        cancelRequestedAt: Date? = nil,
        worker: WorkerID? = nil,
        version: Int64 = 1
    ) {
        shared = SharedRequest(request)
        self.status = status
        self.progress = progress
        self.result = result
        self.error = error
        self.attempts = attempts
        self.lostAttempts = lostAttempts
        self.fence = fence
        self.runAt = runAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.cancelRequestedAt = cancelRequestedAt
        self.worker = worker
        self.version = version
    }
}

/// A request behind a reference, so that copying a record copies one pointer instead of ten.
private final class SharedRequest: Hashable, Sendable {
    let request: NewTask

    init(_ request: NewTask) { self.request = request }

    static func == (lhs: SharedRequest, rhs: SharedRequest) -> Bool { lhs === rhs || lhs.request == rhs.request }
    func hash(into hasher: inout Hasher) { hasher.combine(request) }
}

extension TaskRecord {
    /// The task's id.
    public var id: TaskID { shared.request.id }
    /// The task type's name.
    public var name: String { shared.request.name }
    /// The queue it waits in.
    public var queue: String { shared.request.queue }
    /// Higher runs first.
    public var priority: Int { shared.request.priority }
    /// The input.
    public var input: JSONText { shared.request.input }
    /// Facts to filter by and show.
    public var metadata: TaskMetadata { shared.request.metadata }
    /// Who it belongs to.
    public var owner: String? { shared.request.owner }
    /// The task it came from.
    public var parent: TaskID? { shared.request.parent }
    /// How many attempts may be used up.
    public var maxAttempts: Int { shared.request.maxAttempts }
    /// How long one attempt may run; nil for as long as it takes.
    public var timeout: Duration? { shared.request.timeout }
}
