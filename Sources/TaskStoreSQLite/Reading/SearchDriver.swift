import TaskCore

/// The index that a search walks along: one arm of the search for each value that is wanted of its column.
struct SearchDriver {
    enum Column {
        case parent, owner, name, queue, status
    }

    let column: Column
    let arms: [Arm]

    /// A walk along an index in order of creation.
    struct Arm {
        let from: String
        let condition: SQLCondition
    }

    /// The most selective index as far as a filter alone can tell: who asks for a parent or an owner means few tasks; failed, cancelled and
    /// running ones are few too; names and queues come before the many that wait or are done.
    init(_ filter: TaskFilter) {
        let few: Set<TaskStatus> = [.running, .failed, .cancelled]
        if let parent = filter.parent {
            self.init(.parent, [Arm(.parent, .id(parent))])
        } else if let owner = filter.owner {
            self.init(.owner, [Arm(.owner, .text(owner))])
        } else if let statuses = filter.statuses, statuses.isSubset(of: few) {
            self.init(.status, Self.arms(of: statuses))
        } else if let names = filter.names, names.count <= Self.maxArms {
            self.init(.name, names.sorted().map { Arm(.name, .text($0)) })
        } else if let queues = filter.queues, queues.count <= Self.maxArms {
            self.init(.queue, queues.sorted().map { Arm(.queue, .text($0)) })
        } else {
            self.init(.status, Self.arms(of: filter.statuses ?? Set(TaskStatus.allCases)))
        }
    }

    private init(_ column: Column, _ arms: [Arm]) {
        self.column = column
        self.arms = arms
    }

    private static let maxArms = 20

    /// SQLite merges the arms as it walks along; running tasks are as few as there are slots, and are sorted.
    private static func arms(of statuses: Set<TaskStatus>) -> [Arm] {
        var arms = statuses.filter(\.isFinished).sorted().map {
            Arm(listed: StatusColumns.finished($0), and: nil)
        }
        switch (statuses.contains(.queued), statuses.contains(.running)) {
        case (true, true): arms.append(Arm(listed: StatusColumns.active, and: nil))
        case (true, false): arms.append(Arm(listed: StatusColumns.active, and: "s.stage <> \(StatusColumns.running)"))
        case (false, true): arms.append(Arm(running: ()))
        case (false, false): break
        }
        return arms
    }
}

extension SearchDriver.Arm {
    fileprivate init(_ column: SearchDriver.Column, _ value: SQLCondition.Value) {
        from = "task t INDEXED BY task_by_\(column) CROSS JOIN task_state s NOT INDEXED ON s.key = t.key"
        var condition = SQLCondition()
        condition.add("t.\(column) = ?", value)
        self.condition = condition
    }

    fileprivate init(listed finished: Int64, and term: String?) {
        from = "task_state s INDEXED BY task_state_listed CROSS JOIN task t NOT INDEXED ON t.key = s.key"
        var condition = SQLCondition()
        condition.add("s.finished = \(finished)")
        if let term { condition.add(term) }
        self.condition = condition
    }

    fileprivate init(running: Void) {
        from = "task_state s INDEXED BY task_state_running CROSS JOIN task t NOT INDEXED ON t.key = s.key"
        var condition = SQLCondition()
        condition.add("s.stage = \(StatusColumns.running)")
        self.condition = condition
    }

    /// The column of creation times that the arm's index has.
    var createdAt: String { from.hasPrefix("task t ") ? "t.created_at" : "s.created_at" }
}
