/// The right to finish one attempt: the task, its fence, and the worker that claimed it.
///
/// A fence grows at every claim of the task. A store accepts a write only with the newest fence of a running task, so a
/// worker that was thought dead and comes back changes nothing.
public struct Lease: Hashable, Sendable, Codable {
    /// The task.
    public var task: TaskID
    /// The fence of the claim, 1 for a task's first.
    public var fence: Int64
    /// Who claimed it.
    public var worker: WorkerID

    /// A lease with these parts.
    public init(task: TaskID, fence: Int64, worker: WorkerID) {
        self.task = task
        self.fence = fence
        self.worker = worker
    }
}
