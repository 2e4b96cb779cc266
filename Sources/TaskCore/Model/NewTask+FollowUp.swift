extension NewTask {
    /// The task as a follow-up of another: that one is its parent, and its owner is inherited, where it names none itself.
    public func following(_ first: NewTask) -> NewTask {
        var task = self
        task.parent = parent ?? first.id
        task.owner = owner ?? first.owner
        return task
    }
}
