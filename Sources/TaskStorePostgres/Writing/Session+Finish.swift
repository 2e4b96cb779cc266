import TaskCore

extension Finish {
    /// A success that has nothing more to say.
    fileprivate var plainResult: JSONText? {
        guard case .done(let result, let followUps) = outcome, followUps.isEmpty, report?.isEmpty ?? true else {
            return nil
        }
        return result
    }
}

extension Session {
    func finish(_ finishes: [Finish]) throws -> Written<[FinishResult]> {
        guard finishes.allSatisfy({ $0.plainResult != nil }) else { return try finishAny(finishes) }
        // Mostly they come in the order they were claimed in.
        let ids = finishes.map(\.lease.task)
        if ids.isStrictlyAscending { return try finishPlain(finishes) }
        let places = ids.enumerated().sorted { $0.element < $1.element }
        guard places.map(\.element).isStrictlyAscending else { return try finishAny(finishes) }
        let written = try finishPlain(places.map { finishes[$0.offset] })
        var results = [FinishResult](repeating: .stale, count: finishes.count)
        for (place, result) in zip(places, written.answer) { results[place.offset] = result }
        return Written(answer: results, signals: written.signals)
    }

    /// Plain successes in order of their ids: one statement, with the fences in its condition.
    private func finishPlain(_ finishes: [Finish]) throws -> Written<[FinishResult]> {
        let result = try run(
            Command(sql.finishDone) { parameters in
                parameters.add(finishes.map(\.lease.task))
                parameters.add(finishes.map(\.lease.fence))
                parameters.add(finishes.map(\.lease.worker.rawValue))
                parameters.add(finishes.map { $0.plainResult?.text ?? "null" })
            }
        )
        guard result.count < finishes.count else {
            return Written(answer: Array(repeating: .accepted(.done), count: finishes.count), signals: [.changes])
        }
        let accepted = Set(result.rows.map { result.id($0, 0) })
        return Written(
            answer: finishes.map { accepted.contains($0.lease.task) ? .accepted(.done) : .stale },
            signals: accepted.isEmpty ? [] : [.changes]
        )
    }

    /// Any outcomes, by the lifecycle; follow-ups are stored in the same transaction.
    private func finishAny(_ finishes: [Finish]) throws -> Written<[FinishResult]> {
        let begun = try run([Command(.begin), Command(sql.now)])
        var loaded = LoadedTasks(now: begun[1].date(0, 0))
        try load(Array(Set(finishes.map(\.lease.task))), .live, &loaded)
        var followUps: [NewTask] = []
        let results = finishes.map { finish -> FinishResult in
            guard var task = loaded[finish.lease.task], task.isRunning(finish.lease) else { return .stale }
            let end = task.finish(finish, at: loaded.now)
            loaded.change(task, ended: end.ended)
            followUps += end.followUps
            return .accepted(task.record.status)
        }
        guard !followUps.isEmpty else {
            try commit(loaded)
            return Written(answer: results, signals: loaded.signals)
        }
        // Behind the outcomes: a follow-up may take the unique key that its task had.
        let stored = try store(followUps, after: save(loaded)).filter { $0.outcome == "inserted" }.map(\.task)
        let log = stored.isEmpty ? [] : [Command.log(sql, stored)]
        _ = try run(log + [Command(.commit)])
        return Written(answer: results, signals: loaded.signals.union(stored.isEmpty ? [] : [.work, .changes]))
    }
}

extension [TaskID] {
    fileprivate var isStrictlyAscending: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
