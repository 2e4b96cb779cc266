/// Where tasks live: the driver protocol, batch-first.
///
/// A store keeps tasks and carries out commands; it knows no worker and runs nothing. What commands do is decided by
/// ``TaskLifecycle``: call it, or agree with it. TaskTesting's conformance kit holds a store to everything written here; see
/// `Docs/writing-a-store.md`.
///
/// What every method owes:
/// - **Atomic.** A call's effects become visible together or not at all, except where a batch says 'one by one'. What is
///   answered survives whatever the store promises to survive (SQLite: a power loss; memory: nothing).
/// - **Expected outcomes are values.** Stale, existing, conflict and not found are returned. A thrown error means the store could
///   not do its work, and that the effect is unknown: the caller repeats the call, which must then be harmless.
/// - **The store's clock only.** No method takes the caller's 'now'. Dates are whole microseconds.
/// - **Versions only grow**, by at least one with every visible change of a record, and never come back after a retry.
/// - **Order of answers.** A batch's results come in the order of its requests.
/// - **Runs anywhere.** Methods must not need a free thread of Swift's cooperative pool to make progress: a heartbeat arrives
///   on a thread of its own while handlers block the pool. So no unstructured tasks inside, and blocking work on own threads.
/// - **Cancellation of the calling task** may end a wait early by throwing `CancellationError`, and never leaves half an effect.
public protocol TaskStore: Sendable {
    // MARK: Producing

    /// Stores new tasks, one by one within one transaction: a conflict of one does not keep the others out.
    ///
    /// An id that is stored already answers `existing` whatever else the request says. Then an idempotency key decides, then a unique
    /// key. Two requests of one batch with the same key are treated as if the first had come before. A key whose time to
    /// live is over is as good as never used. Racing callers with one key get one task and the same id.
    func enqueue(_ tasks: [EnqueueRequest]) async throws -> [EnqueueResult]

    // MARK: Working

    /// Claims ready tasks for a worker and renews its lease.
    ///
    /// Per queue at most its limit, the highest priority first, within a priority in the order they were enqueued. A task is ready when it is
    /// queued, `runAt` ≤ now and its queue is not paused. No task is ever claimed twice without having been queued in between.
    /// Claiming resets progress and keeps the checkpoint.
    func claim(_ request: ClaimRequest) async throws -> ClaimReply

    /// Renews the worker's lease, writes what its running attempts report, and tells it what it has to know.
    ///
    /// A worker unknown to the store, or whose lease had run out, is alive again afterwards, and the reply says that it was not.
    /// Reports with a stale lease change nothing. Progress is written as ``TaskProgress/advanced(to:)`` says.
    func beat(_ beat: WorkerBeat) async throws -> BeatReply

    /// Ends attempts, one by one within one transaction; each answers `accepted` or `stale`.
    ///
    /// The report that comes with an outcome is written first, in the same transaction, and so are follow-up tasks, which are enqueued as by
    /// ``enqueue(_:)`` when the outcome is accepted. Repeating an accepted finish with the same lease answers `stale`: the attempt is over.
    func finish(_ finishes: [Finish]) async throws -> [FinishResult]

    /// Forgets a worker and releases whatever it still runs, as a drain does.
    func retire(_ worker: WorkerID) async throws

    /// Rescues up to `limit` running tasks whose worker's lease ran out or whose deadline passed, and forgets dead workers that run nothing.
    ///
    /// A task finished in between must not be touched: the conditions are checked in the same transaction as the write.
    func rescue(limit: Int) async throws -> RescueReport

    // MARK: Commanding

    /// Cancels tasks: queued ones at once; running ones are asked to stop, which their worker learns at its next beat.
    ///
    /// For `.ids`, a result for each, in order. For `.matching`, results for at most `limit` tasks that this call changed; an empty
    /// answer means none is left to change.
    func cancel(_ selection: TaskSelection, limit: Int) async throws -> [CommandResult]

    /// Makes failed and cancelled tasks run again, with a new budget of attempts, edited as `changes` says; history and checkpoint are kept.
    ///
    /// Refused with `conflict` where another active task holds the task's unique key. Selection and limit as in ``cancel(_:limit:)``.
    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) async throws -> [CommandResult]

    /// Edits a queued task; with an expected version only when it is at that version.
    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) async throws -> CommandResult

    /// Stops or lets go on claiming from a queue; running tasks go on. Queues that no task was ever in can be paused too.
    func setPaused(_ paused: Bool, queue: String) async throws

    /// Deletes up to `limit` finished tasks that the policy says are too old, with history and keys; oldest first. Answers how many by status.
    func prune(_ policy: PrunePolicy, limit: Int) async throws -> [TaskStatus: Int]

    // MARK: Looking

    /// The records of these tasks, in order, nil where there is none.
    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?]

    /// A page of tasks, keyset over (createdAt, id): tasks stored or deleted meanwhile never make others appear twice or be left out.
    func list(_ query: TaskQuery) async throws -> TaskPage

    /// Counts and durations of the tasks that a query selects.
    func statistics(_ query: StatisticsQuery) async throws -> TaskStatistics

    /// Every attempt of a task in order of its fence, the running one last; empty for an unknown task.
    func attempts(of id: TaskID) async throws -> [Attempt]

    /// Every queue that has an active task or is paused, by name.
    func queues() async throws -> [QueueInfo]

    /// Every worker whose lease has not been swept, by name.
    func workers() async throws -> [WorkerInfo]

    // MARK: Following

    /// Which tasks changed since a cursor, oldest change first, at most `limit` ids (a task that changed often may be named once).
    ///
    /// Without a cursor: no ids and the cursor of now. When the store no longer knows what changed since then, `isComplete`
    /// is false, and the caller reads anew what it watches. A change is never skipped by a cursor handed out before it was visible.
    func changes(since cursor: ChangeCursor?, limit: Int) async throws -> ChangePage

    /// A stream that yields when something of that kind may have happened, here or in another process; hints may be lost, doubled or late.
    ///
    /// Callers also look by themselves every few seconds. Elements carry nothing and coalesce: keep at most one waiting per stream. A store
    /// that has no way to push polls by itself. The stream ends when the store closes.
    func signals(_ kind: SignalKind) -> AsyncStream<Void>

    // MARK: Life

    /// Brings the schema up to this version; harmless to repeat, and safe when two processes do it at once.
    ///
    /// - Throws: `TaskError` with code `schemaMismatch` when the schema is newer than this version can work with.
    func migrate() async throws

    /// Finishes what was accepted and lets go of files and connections; later calls throw `storeUnavailable`.
    func close() async
}
