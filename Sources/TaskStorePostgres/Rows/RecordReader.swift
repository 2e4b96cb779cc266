import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Decodes rows that start with the columns of `task_columns.sql`.
///
/// Neighbouring rows mostly have the same name, queue and owner: these share one string. What cannot be read, because somebody wrote
/// it by hand, is left out: a row must not keep those that are read with it from being claimed, found and rescued.
struct RecordReader {
    private var name = ""
    private var queue = ""
    private var owner = ""
    private var worker = ""

    /// What was asked for.
    private mutating func request(_ result: QueryResult, _ row: Int) -> NewTask {
        var task = NewTask(
            id: result.id(row, 0),
            name: result.text(row, 1, sameAs: &name),
            input: JSONText(trusted: result.text(row, 8)),
            queue: result.text(row, 2, sameAs: &queue),
            priority: -Int(result.int32(row, 9)),
            maxAttempts: Int(result.int32(row, 5)),
            timeout: result.optionalInt64(row, 12).map { .microseconds($0) },
            owner: result.isNull(row, 3) ? nil : result.text(row, 3, sameAs: &owner),
            parent: result.optionalID(row, 4)
        )
        if let metadata = result.optionalText(row, 6) { task.metadata = TaskMetadata(column: metadata) }
        if let options: RequestOptions = value(result, row, 7) { options.apply(to: &task) }
        return task
    }

    private func value<Value: Decodable>(_ result: QueryResult, _ row: Int, _ column: Int32) -> Value? {
        result.optionalText(row, column).flatMap { try? ColumnJSON.value($0) }
    }

    /// A row of a claim, which ends with the time of the start.
    mutating func claimed(_ result: QueryResult, _ row: Int, by worker: WorkerID) -> ClaimedTask {
        let startedAt = result.date(row, 20)
        let record = TaskRecord(
            request: request(result, row),
            status: .running,
            error: value(result, row, 19),
            attempts: Int(result.int32(row, 14)),
            lostAttempts: Int(result.int32(row, 15)),
            fence: result.int64(row, 16),
            runAt: result.date(row, 11),
            createdAt: result.date(row, 13),
            updatedAt: startedAt,
            startedAt: startedAt,
            worker: worker,
            version: result.int64(row, 17)
        )
        return ClaimedTask(record: record, checkpoint: result.optionalText(row, 18).map { JSONText(trusted: $0) })
    }

    /// A row with the columns of `live_lock.sql`.
    mutating func stored(_ result: QueryResult, _ row: Int) -> StoredTask {
        let record = TaskRecord(
            request: request(result, row),
            status: StateColumn.status(result.int16(row, 20)),
            progress: value(result, row, 27) ?? .none,
            result: result.optionalText(row, 28).map { JSONText(trusted: $0) },
            error: value(result, row, 19),
            attempts: Int(result.int32(row, 14)),
            lostAttempts: Int(result.int32(row, 15)),
            fence: result.int64(row, 16),
            runAt: result.date(row, 11),
            createdAt: result.date(row, 13),
            updatedAt: result.date(row, 21),
            startedAt: result.optionalDate(row, 22),
            finishedAt: result.optionalDate(row, 23),
            cancelRequestedAt: result.optionalDate(row, 24),
            worker: result.isNull(row, 26) ? nil : WorkerID(rawValue: result.text(row, 26, sameAs: &worker)),
            version: result.int64(row, 17)
        )
        return StoredTask(
            record: record,
            deadline: result.optionalDate(row, 25),
            checkpoint: result.optionalText(row, 18).map { JSONText(trusted: $0) },
            sequence: result.int64(row, 10)
        )
    }
}

/// How a status is kept.
enum StateColumn {
    static let ready: Int16 = 0
    static let scheduled: Int16 = 1
    static let running: Int16 = 2
    static let done: Int16 = 3
    static let failed: Int16 = 4
    static let cancelled: Int16 = 5

    static func status(_ state: Int16) -> TaskStatus {
        switch state {
        case running: .running
        case done: .done
        case failed: .failed
        case cancelled: .cancelled
        default: .queued
        }
    }

    static func state(_ status: TaskStatus, runAt: Date, now: Date) -> Int16 {
        switch status {
        case .queued: runAt <= now ? ready : scheduled
        case .running: running
        case .done: done
        case .failed: failed
        case .cancelled: cancelled
        }
    }

    static func states(_ status: TaskStatus) -> [Int16] {
        switch status {
        case .queued: [ready, scheduled]
        case .running: [running]
        case .done: [done]
        case .failed: [failed]
        case .cancelled: [cancelled]
        }
    }
}
