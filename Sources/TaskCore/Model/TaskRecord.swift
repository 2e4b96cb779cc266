#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The stored task, a value: how it stood at `version`.
///
/// Dates are whole microseconds.
public struct TaskRecord: Hashable, Sendable, Identifiable {
    /// Records are passed around much and changed seldom: a copy is one pointer, a change copies what others see.
    private var box: Box

    private struct Fields: Hashable, Sendable {
        var request: NewTask
        var status: TaskStatus
        var progress: TaskProgress
        var result: JSONText?
        var error: TaskFailure?
        var attempts: Int
        var lostAttempts: Int
        var fence: Int64
        var runAt: Date
        var createdAt: Date
        var updatedAt: Date
        var startedAt: Date?
        var finishedAt: Date?
        var cancelRequestedAt: Date?
        var worker: WorkerID?
        var version: Int64
    }

    // Both unchecked: changed only while nobody else holds it.
    private final class Box: @unchecked Sendable {
        @exclusivity(unchecked) var fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    private var own: Box {
        mutating get {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.fields) }
            return box
        }
    }

    /// What was asked for, as edited since by `update`, `retry` and the metadata that attempts set. Its `runAt` is nil: ``runAt`` is the truth.
    public var request: NewTask {
        get { box.fields.request }
        set { own.fields.request = newValue }
    }
    /// Where it stands.
    public var status: TaskStatus {
        get { box.fields.status }
        set { own.fields.status = newValue }
    }
    /// How far the current or last attempt came.
    public var progress: TaskProgress {
        get { box.fields.progress }
        set { own.fields.progress = newValue }
    }
    /// What it returned, once done.
    public var result: JSONText? {
        get { box.fields.result }
        set { own.fields.result = newValue }
    }
    /// Why its last failed attempt failed (or lost its worker, or timed out): kept until it is done, also through a retry.
    public var error: TaskFailure? {
        get { box.fields.error }
        set { own.fields.error = newValue }
    }
    /// Attempts used up, the running one included; back to 0 when somebody retries it.
    public var attempts: Int {
        get { box.fields.attempts }
        set { own.fields.attempts = newValue }
    }
    /// How many of these ended with their worker lost.
    public var lostAttempts: Int {
        get { box.fields.lostAttempts }
        set { own.fields.lostAttempts = newValue }
    }
    /// Grows at every claim; 0 before the first.
    public var fence: Int64 {
        get { box.fields.fence }
        set { own.fields.fence = newValue }
    }
    /// Not before this time.
    public var runAt: Date {
        get { box.fields.runAt }
        set { own.fields.runAt = newValue }
    }
    /// When it was stored.
    public var createdAt: Date {
        get { box.fields.createdAt }
        set { own.fields.createdAt = newValue }
    }
    /// When it last changed, progress included.
    public var updatedAt: Date {
        get { box.fields.updatedAt }
        set { own.fields.updatedAt = newValue }
    }
    /// When its current or last attempt was claimed; kept while it waits to be retried.
    public var startedAt: Date? {
        get { box.fields.startedAt }
        set { own.fields.startedAt = newValue }
    }
    /// When it became done, failed or cancelled.
    public var finishedAt: Date? {
        get { box.fields.finishedAt }
        set { own.fields.finishedAt = newValue }
    }
    /// When its cancellation was asked for while it ran; nil again after a retry.
    public var cancelRequestedAt: Date? {
        get { box.fields.cancelRequestedAt }
        set { own.fields.cancelRequestedAt = newValue }
    }
    /// Who runs it or ran it last.
    public var worker: WorkerID? {
        get { box.fields.worker }
        set { own.fields.worker = newValue }
    }
    /// Grows at every change, progress included; 1 when stored.
    public var version: Int64 {
        get { box.fields.version }
        set { own.fields.version = newValue }
    }

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
        box = Box(
            Fields(
                request: request,
                status: status,
                progress: progress,
                result: result,
                error: error,
                attempts: attempts,
                lostAttempts: lostAttempts,
                fence: fence,
                runAt: runAt,
                createdAt: createdAt,
                updatedAt: updatedAt,
                startedAt: startedAt,
                finishedAt: finishedAt,
                cancelRequestedAt: cancelRequestedAt,
                worker: worker,
                version: version
            )
        )
    }

    /// The part that the lifecycle decides over; a store keeps the running attempt's deadline beside the record.
    package func life(deadline: Date?) -> TaskLifecycle.State {
        let fields = box.fields
        var state = TaskLifecycle.State(
            maxAttempts: fields.request.maxAttempts,
            runAt: fields.runAt,
            timeout: fields.request.timeout
        )
        state.status = fields.status
        state.attempts = fields.attempts
        state.lostAttempts = fields.lostAttempts
        state.fence = fields.fence
        state.deadline = deadline
        state.cancelRequested = fields.cancelRequestedAt != nil
        state.version = fields.version
        return state
    }

    /// Takes over what the lifecycle decided, but for the deadline and when a cancellation was asked for.
    package mutating func apply(_ life: TaskLifecycle.State) {
        let own = own
        own.fields.status = life.status
        own.fields.attempts = life.attempts
        own.fields.lostAttempts = life.lostAttempts
        own.fields.fence = life.fence
        own.fields.runAt = life.runAt
        own.fields.version = life.version
    }

    /// Whether they are the same in every part.
    public static func == (lhs: TaskRecord, rhs: TaskRecord) -> Bool {
        lhs.box === rhs.box || lhs.box.fields == rhs.box.fields
    }

    /// Hashes every part.
    public func hash(into hasher: inout Hasher) { hasher.combine(box.fields) }
}

extension TaskRecord: CustomReflectable {
    /// The parts by name, for dumps and for tests that say which one differs.
    public var customMirror: Mirror {
        Mirror(self, children: Mirror(reflecting: box.fields).children, displayStyle: .struct)
    }
}

extension TaskRecord {
    /// The task's id.
    public var id: TaskID { box.fields.request.id }
    /// The task type's name.
    public var name: String { box.fields.request.name }
    /// The queue it waits in.
    public var queue: String { box.fields.request.queue }
    /// Higher runs first.
    public var priority: Int { box.fields.request.priority }
    /// The input.
    public var input: JSONText { box.fields.request.input }
    /// Facts to filter by and show.
    public var metadata: TaskMetadata { box.fields.request.metadata }
    /// Who it belongs to.
    public var owner: String? { box.fields.request.owner }
    /// The task it came from.
    public var parent: TaskID? { box.fields.request.parent }
    /// How many attempts may be used up.
    public var maxAttempts: Int { box.fields.request.maxAttempts }
    package var uniqueKey: String? { box.fields.request.uniqueKey }
    package var followUps: [NewTask] { box.fields.request.followUps }
    /// How long one attempt may run; nil for as long as it takes.
    public var timeout: Duration? { box.fields.request.timeout }
}
