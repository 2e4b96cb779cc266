/// What a store is ready to keep. Refused at the door, so that no store has to.
package enum TaskLimits {
    static let nameBytes = 200
    static let inputBytes = 1 << 20
    static let metadataBytes = 64 << 10
    /// How deep arrays and objects may lie in one another; the metadata themselves are the first.
    static let metadataDepth = 32
    static let followUps = 100
    static let followUpDepth = 8
    package static let resultBytes = 1 << 20
    static let attempts = 1...1000
    /// Ten years; a store adds it to dates.
    static let timeout: Duration = .seconds(10 * 366 * 86_400)
    /// A hundred years; a store adds it to dates.
    static let timeToLive: Duration = .seconds(100 * 366 * 86_400)
    static let priorities = Int(Int16.min)...Int(Int16.max)
}

extension NewTask {
    /// The task, checked and with its times in whole microseconds: what may be passed to a store.
    ///
    /// - Throws: `TaskError` with code `invalidInput` that names the part out of range and the range.
    public consuming func validated() throws -> NewTask { try validated(depth: 0) }

    private consuming func validated(depth: Int) throws -> NewTask {
        try check(depth: depth)
        runAt = runAt?.normalized
        if !followUps.isEmpty { followUps = try followUps.map { try $0.validated(depth: depth + 1) } }
        return self
    }

    private func check(depth: Int) throws {
        guard depth <= TaskLimits.followUpDepth else {
            throw invalid("follow-ups are nested deeper than \(TaskLimits.followUpDepth) levels")
        }
        try check(name, "name", isRequired: true)
        try check(queue, "queue", isRequired: true)
        try check(owner, "owner")
        try check(uniqueKey, "unique key", isRequired: true)
        try check(idempotency?.key, "idempotency key", isRequired: true)
        try checkNumbers()
        try checkInput()
        try metadata.check(of: "task '\(name)'")
        guard followUps.count <= TaskLimits.followUps else {
            throw invalid("it has \(followUps.count) follow-ups, more than \(TaskLimits.followUps)")
        }
    }

    /// What a store whose columns are narrower than these types checks for callers that did not have it ``validated()``.
    ///
    /// - Throws: `TaskError` with code `invalidInput` that names the number out of range, of the task or its follow-ups, and the range.
    package func checkRanges() throws {
        try checkNumbers()
        for followUp in followUps { try followUp.checkRanges() }
    }

    private func checkNumbers() throws {
        guard TaskLimits.priorities.contains(priority) else {
            throw invalid("its priority \(priority) is outside \(TaskLimits.priorities)")
        }
        guard TaskLimits.attempts.contains(maxAttempts) else {
            throw invalid("its maxAttempts \(maxAttempts) is outside \(TaskLimits.attempts)")
        }
        guard timeout.map({ $0 > .zero && $0 <= TaskLimits.timeout }) ?? true else {
            throw invalid(
                "its timeout is not positive, or longer than ten years; without one it may run for as long as it takes"
            )
        }
        guard idempotency?.timeToLive.map({ $0 > .zero && $0 <= TaskLimits.timeToLive }) ?? true else {
            throw invalid(
                "its idempotency key's time to live is not positive, or longer than a hundred years; without one the key is remembered as long as the task is kept"
            )
        }
    }

    private func checkInput() throws {
        guard input.byteCount <= TaskLimits.inputBytes else {
            throw invalid(
                "its input has \(input.byteCount) bytes, more than \(TaskLimits.inputBytes); store large data elsewhere and pass a reference"
            )
        }
    }

    /// The same task with new ids and another input, checked as this one was.
    ///
    /// - Throws: `TaskError` with code `invalidInput` when the input is too large.
    func another(input: JSONText) throws -> NewTask {
        var task = self
        task.id = TaskID()
        task.input = input
        if !followUps.isEmpty { task.followUps = try followUps.map { try $0.another(input: $0.input) } }
        try task.checkInput()
        return task
    }

    private func check(_ text: String?, _ part: String, isRequired: Bool = false) throws {
        guard let text else { return }
        guard !(isRequired && text.isEmpty) else { throw invalid("its \(part) is empty") }
        guard text.utf8.count <= TaskLimits.nameBytes else {
            throw invalid("its \(part) has \(text.utf8.count) bytes, more than \(TaskLimits.nameBytes)")
        }
        guard !text.utf8.contains(0) else { throw invalid("its \(part) holds the character U+0000") }
    }

    private func invalid(_ what: String) -> TaskError {
        TaskError(.invalidInput, "Task '\(TextLimit.message.cut(name))' cannot be enqueued: \(what).", taskID: id)
    }
}

extension TaskMetadata {
    /// - Throws: `TaskError` with code `invalidInput` when it is too large or nested too deep, or cannot be written as JSON.
    package func check(of whose: String) throws {
        guard !isEmpty else { return }
        guard !JSONValue.object(values).isDeeper(than: TaskLimits.metadataDepth) else {
            throw TaskError(
                .invalidInput,
                "The metadata of \(whose) are nested deeper than \(TaskLimits.metadataDepth) levels."
            )
        }
        let size = try JSONText(encoding: self).byteCount
        guard size <= TaskLimits.metadataBytes else {
            throw TaskError(
                .invalidInput,
                "The metadata of \(whose) has \(size) bytes, more than \(TaskLimits.metadataBytes)."
            )
        }
    }
}

extension TaskChanges {
    /// The changes, checked and with their time in whole microseconds.
    ///
    /// - Throws: `TaskError` with code `invalidInput` that names the part out of range.
    package func validated() throws -> TaskChanges {
        // The same rules as for a task that is enqueued with these parts.
        let checked = try NewTask(
            name: "changes",
            input: input ?? .null,
            priority: priority ?? 0,
            metadata: metadata,
            runAt: runAt,
            maxAttempts: maxAttempts ?? 1
        ).validated()
        var changes = self
        changes.runAt = checked.runAt
        return changes
    }
}
