import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    func prune(_ policy: PrunePolicy, limit: Int) throws -> [TaskStatus: Int] {
        let now = now
        var old: [Old] = []
        for (status, age) in policy.maxAge where status.isFinished {
            old += try finished(status, notAfter: now - age, limit: max(0, limit))
        }
        old.sort { ($0.finishedAt, $0.id) < ($1.finishedAt, $1.id) }
        var counts: [TaskStatus: Int] = [:]
        for task in old.prefix(max(0, limit)) {
            try delete(task.key)
            counts[task.status, default: 0] += 1
        }
        return counts
    }

    private struct Old {
        let key: Int64
        let id: TaskID
        let status: TaskStatus
        let finishedAt: Int64
    }

    private func finished(_ status: TaskStatus, notAfter limitDate: Date, limit: Int) throws -> [Old] {
        let find = try statement(SQLText.pruneFind)
        find.bind(1, StatusColumns.finished(status))
        find.bind(2, limitDate)
        find.bind(3, limit)
        defer { find.reset() }
        var old: [Old] = []
        while try find.step() {
            old.append(Old(key: find.int64(0), id: find.id(2), status: status, finishedAt: find.int64(1)))
        }
        return old
    }

    private func delete(_ key: Int64) throws {
        if let row = try TaskRow.find(db, key: key), let idempotency = row.record.request.idempotency {
            let forget = try statement(SQLText.idempotencyDelete)
            forget.bind(1, row.record.owner ?? "")
            forget.bind(2, idempotency.key)
            forget.bind(3, key)
            try forget.run()
        }
        for sql in [SQLText.pruneAttempts, SQLText.pruneState, SQLText.pruneTask] {
            let delete = try statement(sql)
            delete.bind(1, key)
            try delete.run()
        }
    }
}
