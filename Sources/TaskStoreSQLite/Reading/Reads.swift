import GRDB
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Looking, on a reader's snapshot.
enum Reads {
    static func tasks(_ db: Database, _ ids: [TaskID]) throws -> [TaskRecord?] {
        try ids.map { try TaskRow.find(db, id: $0)?.record }
    }

    static func list(_ db: Database, _ query: TaskQuery) throws -> TaskPage {
        let limit = query.clampedLimit
        var records: [TaskRecord] = []
        var search = TaskSearch(query.filter, order: query.order, after: query.cursor)
        // Metadata is compared here, so that a page may take several looks; one look more tells whether there is a next page.
        while records.count <= limit, let places = try search.next(db, atMost: limit + 1) {
            for record in try TaskRow.records(db, keys: places.map(\.key)) where records.count <= limit {
                if query.filter.metadata.isEmpty || query.filter.matches(record) { records.append(record) }
            }
        }
        guard records.count > limit else { return TaskPage(records: records) }
        records.removeLast()
        return TaskPage(
            records: records,
            next: records.last.map { TaskCursor(createdAt: $0.createdAt, id: $0.id) }
        )
    }

    static func attempts(_ db: Database, of id: TaskID) throws -> [Attempt] {
        guard let row = try TaskRow.find(db, id: id) else { return [] }
        let find = try SQLStatement(db, SQLText.attemptList)
        find.bind(1, row.key)
        defer { find.reset() }
        var attempts: [Attempt] = []
        while try find.step() {
            attempts.append(
                Attempt(
                    number: find.int(1),
                    fence: find.int64(0),
                    worker: WorkerID(rawValue: find.text(2)),
                    startedAt: find.date(3),
                    finishedAt: find.date(4),
                    outcome: Attempt.Outcome(rawValue: find.text(5)),
                    failure: try find.optionalText(6).map { try ColumnJSON.value($0) }
                )
            )
        }
        return attempts + [row.task.ownAttempt].compactMap { $0 }
    }

    static func queues(_ db: Database, at now: Date) throws -> [QueueInfo] {
        let find = try SQLStatement(db, SQLText.queueCounts)
        find.bind(1, now)
        defer { find.reset() }
        var queues: [QueueInfo] = []
        while try find.step() {
            queues.append(
                QueueInfo(
                    name: find.text(0),
                    isPaused: find.int64(4) != 0,
                    ready: find.int(1),
                    scheduled: find.int(2),
                    running: find.int(3)
                )
            )
        }
        return queues
    }

    static func workers(_ db: Database) throws -> [WorkerInfo] {
        let find = try SQLStatement(db, SQLText.workerList)
        defer { find.reset() }
        var workers: [WorkerInfo] = []
        while try find.step() {
            workers.append(
                WorkerInfo(id: WorkerID(rawValue: find.text(0)), leaseUntil: find.date(1), running: find.int(2))
            )
        }
        return workers
    }
}
