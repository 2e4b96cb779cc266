import TaskCore

extension Session {
    func beat(_ beat: WorkerBeat) throws -> Written<BeatReply> {
        let (reports, isEmpty) = (beat.reports.filter { !$0.isEmpty }, beat.reports.allSatisfy(\.isEmpty))
        var leases = beat.held
        let known = Set(beat.held)
        leases += beat.reports.map(\.lease).filter { !known.contains($0) }
        // Renewed by itself first, whatever becomes of the reports.
        let results = try run([
            .renew(sql, beat.worker, for: beat.leaseDuration),
            Command(sql.beatLost) { parameters in
                parameters.add(leases.map(\.task))
                parameters.add(leases.map(\.fence))
                parameters.add(leases.map(\.worker.rawValue))
            },
            Command(sql.beatCancelled) { $0.add(beat.worker.rawValue) },
        ])
        var lost = results[1].rows.map { leases[Int(results[1].int64($0, 0)) - 1] }
        let cancelled = results[2].rows.map { results[2].id($0, 0) }
        var signals: Set<SignalKind> = []
        if !isEmpty {
            let written = try write(reports)
            signals = written.signals
            lost += written.answer.filter { !lost.contains($0) }
        }
        return Written(
            answer: BeatReply(wasAlive: results[0].bool(0, 0), lost: lost, cancelRequested: cancelled),
            signals: signals
        )
    }

    /// Writes reports; answers the leases that were not good.
    private func write(_ reports: [TaskReport]) throws -> Written<[Lease]> {
        try change(reports.map(\.lease.task), in: .live) { loaded in
            var lost: [Lease] = []
            for report in reports {
                guard var task = loaded[report.lease.task], task.isRunning(report.lease) else {
                    lost.append(report.lease)
                    continue
                }
                task.write(report, at: loaded.now)
                loaded.change(task, ended: nil)
            }
            return lost
        }
    }

    func retire(_ worker: WorkerID) throws -> Written<Void> {
        let find = Command(sql.runningOfWorker) { $0.add(worker.rawValue) }
        let delete = Command(sql.workerDelete) { $0.add(worker.rawValue) }
        return try change(finding: find, with: [delete]) { found, loaded in
            for id in found.rows.map({ found.id($0, 0) }) {
                guard var task = loaded[id], task.record.status == .running, task.record.worker == worker else {
                    continue
                }
                let ended = task.apply(.release(fence: task.record.fence), at: loaded.now).ended
                loaded.change(task, ended: ended)
            }
        }
    }

    func rescue(limit: Int) throws -> Written<RescueReport> {
        // Locked until the end, so that a beat that comes now waits and is told.
        let dead = try run([Command(.begin), Command(sql.rescueWorkers)])[1]
        let workers = dead.rows.map { dead.text($0, 0) }
        let find = Command(sql.rescueFind) { parameters in
            parameters.add(workers)
            parameters.add(Int64(max(0, limit)))
        }
        return try change(finding: find, isBegun: true, with: [Command(sql.workerForget)]) { found, loaded in
            var report = RescueReport()
            for row in found.rows {
                guard var task = loaded[found.id(row, 0)] else { continue }
                let applied = task.rescue(leaseExpired: found.bool(row, 1), at: loaded.now)
                guard applied.isAccepted else { continue }
                loaded.change(task, ended: applied.ended)
                switch task.record.status {
                case .queued: report.requeued += 1
                case .cancelled: report.cancelled += 1
                case .running, .done, .failed: report.failed += 1
                }
            }
            return report
        }
    }
}
