import TaskCore

extension Session {
    func cancel(_ selection: TaskSelection, limit: Int) throws -> Written<[CommandResult]> {
        try each(selection, limit: limit, statuses: [.queued, .running]) { loaded, ids, mustBeChangeable in
            ids.compactMap { id in
                guard var task = loaded[id] else { return CommandResult(id: id, outcome: .notFound) }
                let applied = task.cancel(at: loaded.now)
                if applied.isAccepted { loaded.change(task, ended: applied.ended) }
                if mustBeChangeable, !applied.isAccepted { return nil }
                return CommandResult(id: id, outcome: applied.outcome(task.record))
            }
        }
    }

    func retry(_ selection: TaskSelection, changes: TaskChanges, limit: Int) throws -> Written<[CommandResult]> {
        do {
            return try each(selection, limit: limit, statuses: [.failed, .cancelled]) { loaded, ids, mustBeChangeable in
                let tasks = ids.compactMap { loaded[$0] }
                var (holders, places) = try self.prepareRetry(of: tasks)
                return ids.compactMap { id in
                    guard var task = loaded[id] else { return CommandResult(id: id, outcome: .notFound) }
                    let key = task.record.request.uniqueKey.map(ExactText.init)
                    let place = places.popLast() ?? task.sequence
                    let applied = task.retry(changes, sequence: place, at: loaded.now)
                    if applied.isAccepted, let key, let holder = holders[key] {
                        return mustBeChangeable ? nil : CommandResult(id: id, outcome: .uniqueKeyHeld(by: holder))
                    }
                    if applied.isAccepted {
                        loaded.change(task, ended: nil)
                        if let key { holders[key] = id }
                    }
                    if mustBeChangeable, !applied.isAccepted { return nil }
                    return CommandResult(id: id, outcome: applied.outcome(task.record))
                }
            }
        } catch PostgresFault.refused("23505", let message) {
            // Somebody took a unique key after it was looked for: once more, and then the holder is seen.
            throw PostgresFault.refused(state: "40001", message: message)
        }
    }

    /// Who holds the unique keys of these tasks, and a new place for each of them, the first one last.
    private func prepareRetry(of tasks: [StoredTask]) throws -> (holders: [ExactText: TaskID], places: [Int64]) {
        let keys = Set(tasks.compactMap { $0.record.request.uniqueKey.map(ExactText.init) }).map(\.text)
        let results = try run([
            Command(sql.uniqueFind) { $0.add(keys) },
            Command(sql.sequenceNext) { $0.add(Int64(tasks.count)) },
        ])
        let pairs = results[0].rows.map { (ExactText(results[0].text($0, 0)), results[0].id($0, 1)) }
        return (Dictionary(pairs) { first, _ in first }, results[1].rows.map { results[1].int64($0, 0) }.reversed())
    }

    func update(_ id: TaskID, changes: TaskChanges, expectedVersion: Int64?) throws -> Written<CommandResult> {
        try change([id], in: .everywhere) { loaded in
            guard var task = loaded[id] else { return CommandResult(id: id, outcome: .notFound) }
            let applied = task.update(changes, expectedVersion: expectedVersion, at: loaded.now)
            if applied.isAccepted { loaded.change(task, ended: nil) }
            return CommandResult(id: id, outcome: applied.outcome(task.record))
        }
    }

    func setPaused(_ paused: Bool, queue: String) throws -> Written<Void> {
        _ = try run(Command(paused ? sql.queuePause : sql.queueResume) { $0.add(queue) })
        return Written(answer: (), signals: paused ? [] : [.work])
    }

    /// Runs a command over a selection, as the contract says what is answered.
    ///
    /// - Parameter command: Changes tasks of a batch; told to answer only those that it changed for selections by filter.
    private func each(
        _ selection: TaskSelection,
        limit: Int,
        statuses: Set<TaskStatus>,
        command: (inout LoadedTasks, [TaskID], Bool) throws -> [CommandResult]
    ) throws -> Written<[CommandResult]> {
        switch selection {
        case .ids(let ids):
            return try change(Array(Set(ids)), in: .everywhere) { try command(&$0, ids, false) }
        case .matching(var filter):
            filter.statuses = filter.statuses.map { $0.intersection(statuses) } ?? statuses
            return try eachMatching(filter, limit: limit) { try command(&$0, $1, true) }
        }
    }

    private func eachMatching(
        _ filter: TaskFilter,
        limit: Int,
        command: (inout LoadedTasks, [TaskID]) throws -> [CommandResult]
    ) throws -> Written<[CommandResult]> {
        let begun = try run([Command(.begin), Command(sql.now)])
        let now = begun[1].date(0, 0)
        var written = Written<[CommandResult]>(answer: [])
        var search = TaskSearch(filter, order: .oldestFirst)
        while written.answer.count < limit,
            let found = try search.next(self, atMost: min(500, limit - written.answer.count))
        {
            var loaded = LoadedTasks(now: now)
            let ids = found.map(\.id)
            try load(ids, .everywhere, &loaded)
            // They may have changed since they were found.
            let wanted = ids.filter { id in loaded[id].map { filter.matches($0.record) } ?? false }
            written.answer += try command(&loaded, wanted)
            written.signals.formUnion(loaded.signals)
            let commands = try save(loaded)
            if !commands.isEmpty { _ = try run(commands) }
        }
        _ = try run(Command(.commit))
        return written
    }

    func prune(_ policy: PrunePolicy, limit: Int) throws -> Written<[TaskStatus: Int]> {
        let now = try run(Command(sql.now)).date(0, 0)
        let ages = policy.maxAge.filter(\.key.isFinished)
        let result = try run(
            Command(sql.pruneTake) { parameters in
                parameters.add(ages.map { StateColumn.states($0.key)[0] })
                parameters.add(ages.map { now - $0.value })
                parameters.add(Int64(max(0, limit)))
            }
        )
        let counts = result.rows.map { (StateColumn.status(result.int16($0, 0)), Int(result.int64($0, 1))) }
        return Written(answer: Dictionary(counts) { first, _ in first })
    }
}
