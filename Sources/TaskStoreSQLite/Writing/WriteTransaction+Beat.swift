import TaskCore
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension WriteTransaction {
    func beat(_ beat: WorkerBeat) throws -> BeatReply {
        let now = now
        let wasAlive = try leaseUntil(beat.worker).map { $0 > now } ?? false
        try renew(beat.worker, for: beat.leaseDuration, at: now)
        var lost: [Lease] = []
        for lease in beat.held where try !isHeld(lease) { lost.append(lease) }
        for report in beat.reports {
            if var row = try TaskRow.find(db, id: report.lease.task), row.task.isRunning(report.lease) {
                guard !report.isEmpty else { continue }
                row.task.write(report, at: now)
                if !report.metadata.isEmpty { try saveRequest(row) }
                try save(row, at: now)
            } else if !lost.contains(report.lease) {
                lost.append(report.lease)
            }
        }
        return BeatReply(wasAlive: wasAlive, lost: lost, cancelRequested: try cancelRequested(of: beat.worker))
    }

    func retire(_ worker: WorkerID) throws {
        let now = now
        for key in try keysRunning(by: worker) {
            guard var row = try TaskRow.find(db, key: key) else { continue }
            let ended = row.task.apply(.release(fence: row.record.fence), at: now).ended
            try save(row, ended: ended, at: now)
        }
        let delete = try statement(SQLText.workerDelete)
        delete.bind(1, worker.rawValue)
        try delete.run()
    }

    func rescue(limit: Int) throws -> RescueReport {
        let now = now
        var report = RescueReport()
        for (key, isDead) in try rescuable(limit: limit, at: now) {
            guard var row = try TaskRow.find(db, key: key) else { continue }
            let applied = row.task.rescue(leaseExpired: isDead, at: now)
            guard applied.isAccepted else { continue }
            try save(row, ended: applied.ended, at: now)
            switch row.record.status {
            case .queued: report.requeued += 1
            case .cancelled: report.cancelled += 1
            case .running, .done, .failed: report.failed += 1
            }
        }
        let forget = try statement(SQLText.workerForget)
        forget.bind(1, now)
        try forget.run()
        return report
    }

    private func leaseUntil(_ worker: WorkerID) throws -> Date? {
        let find = try statement(SQLText.workerFind)
        find.bind(1, worker.rawValue)
        defer { find.reset() }
        return try find.step() ? find.date(0) : nil
    }

    private func isHeld(_ lease: Lease) throws -> Bool {
        let find = try statement(SQLText.beatHeld)
        find.bind(1, lease.task)
        find.bind(2, lease.fence)
        find.bind(3, lease.worker.rawValue)
        defer { find.reset() }
        return try find.step()
    }

    private func cancelRequested(of worker: WorkerID) throws -> [TaskID] {
        let find = try statement(SQLText.beatCancelled)
        find.bind(1, worker.rawValue)
        defer { find.reset() }
        var ids: [TaskID] = []
        while try find.step() { ids.append(find.id(0)) }
        return ids
    }

    private func keysRunning(by worker: WorkerID) throws -> [Int64] {
        let find = try statement(SQLText.runningOfWorker)
        find.bind(1, worker.rawValue)
        defer { find.reset() }
        var keys: [Int64] = []
        while try find.step() { keys.append(find.int64(0)) }
        return keys
    }

    private func rescuable(limit: Int, at now: Date) throws -> [(key: Int64, isDead: Bool)] {
        let find = try statement(SQLText.rescueFind)
        find.bind(1, now)
        find.bind(2, max(0, limit))
        defer { find.reset() }
        var found: [(Int64, Bool)] = []
        while try find.step() { found.append((find.int64(0), find.int64(1) != 0)) }
        return found
    }
}
