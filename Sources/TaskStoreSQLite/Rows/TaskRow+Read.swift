import GRDB
import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Decodes rows whose columns are those of `record_columns.sql`, or its first 20 for a claim.
///
/// Neighbouring rows mostly have the same name, queue and owner: these share one string.
struct RecordReader {
    private var name = ""
    private var queue = ""
    private var owner = ""
    private var worker = ""

    /// What was asked for.
    mutating func request(_ row: SQLStatement) throws -> NewTask {
        var task = NewTask(
            id: row.id(1),
            name: row.text(2, sameAs: &name),
            input: JSONText(trusted: row.text(9)),
            queue: row.text(3, sameAs: &queue),
            priority: row.int(10),
            maxAttempts: row.int(6),
            timeout: row.optionalInt64(11).map { .microseconds($0) },
            owner: row.isNull(4) ? nil : row.text(4, sameAs: &owner),
            parent: row.optionalID(5)
        )
        if let metadata = row.optionalText(7) { task.metadata = TaskMetadata(column: metadata) }
        if let options = row.optionalText(8) {
            let options: RequestOptions = try ColumnJSON.value(options)
            options.apply(to: &task)
        }
        return task
    }

    /// A row that was just claimed, read as it was before: only its first 20 columns are there.
    mutating func claimed(_ row: SQLStatement, by worker: WorkerID, at now: Date) throws -> ClaimedTask {
        let record = TaskRecord(
            request: try request(row),
            status: .running,
            error: try row.optionalText(18).map { try ColumnJSON.value($0) },
            attempts: row.int(14) + 1,
            lostAttempts: row.int(15),
            fence: row.int64(16) + 1,
            runAt: row.date(12),
            createdAt: row.date(13),
            updatedAt: now,
            startedAt: now,
            worker: worker,
            version: row.int64(17) + 1
        )
        return ClaimedTask(record: record, checkpoint: row.optionalText(19).map { JSONText(trusted: $0) })
    }

    mutating func record(_ row: SQLStatement) throws -> TaskRecord {
        TaskRecord(
            request: try request(row),
            status: StatusColumns.status(finished: row.int64(20), stage: row.optionalInt64(21)),
            progress: try row.optionalText(28).map { try ColumnJSON.value($0) } ?? .none,
            result: row.optionalText(29).map { JSONText(trusted: $0) },
            error: try row.optionalText(18).map { try ColumnJSON.value($0) },
            attempts: row.int(14),
            lostAttempts: row.int(15),
            fence: row.int64(16),
            runAt: row.date(12),
            createdAt: row.date(13),
            updatedAt: row.date(22),
            startedAt: row.optionalDate(23),
            finishedAt: row.optionalDate(24),
            cancelRequestedAt: row.optionalDate(25),
            worker: row.isNull(27) ? nil : WorkerID(rawValue: row.text(27, sameAs: &worker)),
            version: row.int64(17)
        )
    }

    mutating func stored(_ row: SQLStatement) throws -> TaskRow {
        let task = StoredTask(
            record: try record(row),
            deadline: row.optionalDate(26),
            checkpoint: row.optionalText(19).map { JSONText(trusted: $0) },
            sequence: row.int64(30)
        )
        return TaskRow(key: row.int64(0), task: task)
    }
}

extension TaskRow {
    /// Plans must not depend on statistics, which somebody may have made when there were two tasks: each table's way in is named,
    /// and `NOT INDEXED` leaves only the key.
    private static func select(_ access: String) -> String {
        "SELECT \(SQLText.recordColumns) FROM task t \(access) CROSS JOIN task_state s NOT INDEXED ON s.key = t.key"
    }

    static let byID = "\(select("INDEXED BY task_id")) WHERE t.id = ?1"
    static let byKey = "\(select("NOT INDEXED")) WHERE t.key = ?1"

    static func find(_ db: Database, id: TaskID) throws -> TaskRow? {
        let find = try SQLStatement(db, byID)
        find.bind(1, id)
        return try first(find)
    }

    static func find(_ db: Database, key: Int64) throws -> TaskRow? {
        let find = try SQLStatement(db, byKey)
        find.bind(1, key)
        return try first(find)
    }

    /// The records of these keys, in order; those that are gone are left out.
    static func records(_ db: Database, keys: [Int64]) throws -> [TaskRecord] {
        var reader = RecordReader()
        let find = try SQLStatement(db, byKey)
        return try keys.compactMap { key in
            find.bind(1, key)
            defer { find.reset() }
            return try find.step() ? try reader.record(find) : nil
        }
    }

    private static func first(_ find: SQLStatement) throws -> TaskRow? {
        defer { find.reset() }
        var reader = RecordReader()
        return try find.step() ? try reader.stored(find) : nil
    }
}
