import TaskCore

extension Session {
    func tasks(_ ids: [TaskID]) throws -> [TaskRecord?] {
        let result = try run(Command(sql.taskFind) { $0.add(Array(Set(ids))) })
        var reader = RecordReader()
        var found: [TaskID: TaskRecord] = [:]
        for row in result.rows {
            let record = reader.stored(result, row).record
            found[record.id] = record
        }
        return ids.map { found[$0] }
    }

    func list(_ query: TaskQuery) throws -> TaskPage {
        let limit = query.clampedLimit
        var records: [TaskRecord] = []
        var search = TaskSearch(query.filter, order: query.order, after: query.cursor)
        // Metadata is compared here, so that a page may take several looks; one record more tells whether there is a next page.
        while records.count <= limit, let found = try search.next(self, atMost: limit + 1) { records += found }
        guard records.count > limit else { return TaskPage(records: records) }
        records.removeLast(records.count - limit)
        return TaskPage(
            records: records,
            next: records.last.map { TaskCursor(createdAt: $0.createdAt, id: $0.id) }
        )
    }

    func attempts(of id: TaskID) throws -> [Attempt] {
        let results = try run([
            Command(sql.taskFind) { $0.add([id]) },
            Command(sql.attemptList) { $0.add(id) },
        ])
        guard results[0].count > 0 else { return [] }
        var reader = RecordReader()
        let own = reader.stored(results[0], 0).ownAttempt
        let list = results[1]
        let ended = list.rows.map { row in
            Attempt(
                number: Int(list.int32(row, 1)),
                fence: list.int64(row, 0),
                worker: WorkerID(rawValue: list.text(row, 2)),
                startedAt: list.date(row, 3),
                finishedAt: list.date(row, 4),
                outcome: Attempt.Outcome(rawValue: list.text(row, 5)),
                failure: list.optionalText(row, 6).flatMap { try? ColumnJSON.value($0) }
            )
        }
        // The second look may see more than the first: an attempt that ended in between.
        return ended + [own].compactMap { $0 }.filter { own in !ended.contains { $0.fence == own.fence } }
    }

    func queues() throws -> [QueueInfo] {
        let result = try run(Command(sql.queueCounts))
        return result.rows.map { row in
            QueueInfo(
                name: result.text(row, 0),
                isPaused: result.bool(row, 4),
                ready: Int(result.int64(row, 1)),
                scheduled: Int(result.int64(row, 2)),
                running: Int(result.int64(row, 3))
            )
        }
    }

    func workers() throws -> [WorkerInfo] {
        let result = try run(Command(sql.workerList))
        return result.rows.map { row in
            WorkerInfo(
                id: WorkerID(rawValue: result.text(row, 0)),
                leaseUntil: result.date(row, 1),
                running: Int(result.int64(row, 2))
            )
        }
    }
}
