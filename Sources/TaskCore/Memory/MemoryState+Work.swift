#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Producing and working: enqueue, claim, beat, finish, retire, rescue.
extension MemoryState {
    mutating func enqueue(_ request: EnqueueRequest, at now: Date) -> EnqueueResult {
        var task = request.task
        if let row = rows[task.id] { return .existing(row.record) }
        if let idempotency = task.idempotency {
            let scope = IdempotencyScope(owner: task.owner, key: idempotency.key)
            if let entry = keys[scope], entry.expiresAt.map({ $0 > now }) ?? true, let row = rows[entry.task] {
                return entry.fingerprint == ExactText(request.fingerprint)
                    ? .existing(row.record) : .conflict(entry.task)
            }
        }
        if let key = task.uniqueKey, let row = uniqueKeys[ExactText(key)] { return .existing(row.record) }

        let runAt = task.runAt?.normalized ?? now
        task.runAt = nil
        let row = MemoryRow(
            record: TaskRecord(request: task, status: .queued, runAt: runAt, createdAt: now, updatedAt: now),
            queue: queue(task.queue),
            sequence: nextSequence()
        )
        rows[task.id] = row
        timeline.insert(row)
        if let idempotency = task.idempotency {
            keys[IdempotencyScope(owner: task.owner, key: idempotency.key)] = IdempotencyEntry(
                fingerprint: ExactText(request.fingerprint),
                task: task.id,
                expiresAt: idempotency.timeToLive.map { now + $0 }
            )
        }
        if let key = task.uniqueKey { uniqueKeys[ExactText(key)] = row }
        queueUp(row, at: now)
        touched(row, at: now)
        if let worker = request.claimedBy {
            row.record.runAt = min(runAt, now)
            claim(row, by: renew(worker, for: request.leaseDuration, at: now), at: now)
        }
        return .inserted(row.record)
    }

    mutating func claim(_ request: ClaimRequest, at now: Date) -> ClaimReply {
        let worker = renew(request.worker, for: request.leaseDuration, at: now)
        var claimed: [ClaimedTask] = []
        var nextRunAt: Date?
        for wanted in request.queues {
            guard let queue = queues[wanted.queue], !queue.isPaused else { continue }
            for _ in 0..<max(0, wanted.limit) {
                guard let row = queue.popReady(at: now) else { break }
                claim(row, by: worker, isQueued: false, at: now)
                claimed.append(ClaimedTask(record: row.record, checkpoint: row.checkpoint))
            }
            if let next = queue.nextRunAt(after: now) { nextRunAt = min(nextRunAt ?? next, next) }
        }
        return ClaimReply(tasks: claimed, nextRunAt: nextRunAt)
    }

    mutating func beat(_ beat: WorkerBeat, at now: Date) -> BeatReply {
        let wasAlive = workers[beat.worker].map { $0.leaseUntil > now } ?? false
        let worker = renew(beat.worker, for: beat.leaseDuration, at: now)
        var lost: [Lease] = []
        for lease in beat.held where running(lease) == nil { lost.append(lease) }
        for report in beat.reports where !self.report(report, at: now) && !lost.contains(report.lease) {
            lost.append(report.lease)
        }
        let cancelled = worker.running.filter { $0.record.cancelRequestedAt != nil }.map(\.record.id)
        return BeatReply(wasAlive: wasAlive, lost: lost, cancelRequested: cancelled.sorted())
    }

    mutating func finish(_ finish: Finish, at now: Date) -> FinishResult {
        guard let row = running(finish.lease) else { return .stale }
        if let report = finish.report, !report.isEmpty { write(report, to: row, at: now) }
        let fence = finish.lease.fence
        switch finish.outcome {
        case .done(let result, let followUps):
            row.record.result = result
            row.record.error = nil
            row.checkpoint = nil
            _ = apply(.complete(fence: fence), to: row, at: now)
            for followUp in followUps {
                _ = enqueue(EnqueueRequest(followUp.following(row.record.request)), at: now)
            }
        case .failed(let failure, let retryAfter):
            _ = apply(.fail(fence: fence, retryAfter: retryAfter), to: row, failure: failure, at: now)
        case .timedOut(let failure, let retryAfter):
            _ = apply(.timeOut(fence: fence, retryAfter: retryAfter), to: row, failure: failure, at: now)
        case .cancelled:
            _ = apply(.acknowledgeCancel(fence: fence), to: row, at: now)
        case .snoozed(let delay):
            _ = apply(.snooze(fence: fence, for: delay), to: row, at: now)
        case .released:
            _ = apply(.release(fence: fence), to: row, at: now)
        }
        return .accepted(row.record.status)
    }

    mutating func retire(_ id: WorkerID, at now: Date) {
        guard let worker = workers.removeValue(forKey: id) else { return }
        for row in worker.running { _ = apply(.release(fence: row.record.fence), to: row, at: now) }
    }

    mutating func rescue(limit: Int, at now: Date) -> RescueReport {
        var report = RescueReport()
        for worker in workers.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) {
            let isDead = worker.leaseUntil <= now
            for row in worker.running where isDead || row.deadline.map({ $0 <= now }) == true {
                guard report.total < limit else { return report }
                let failure = isDead ? TaskFailure.workerLost(worker.id) : .deadlinePassed
                _ = apply(.rescue(leaseExpired: isDead), to: row, failure: failure, at: now)
                switch row.record.status {
                case .queued: report.requeued += 1
                case .cancelled: report.cancelled += 1
                case .running, .done, .failed: report.failed += 1
                }
            }
            if isDead, worker.running.isEmpty { workers[worker.id] = nil }
        }
        return report
    }

    // MARK: Parts

    private mutating func renew(_ id: WorkerID, for duration: Duration, at now: Date) -> MemoryWorker {
        let leaseUntil = now + duration
        if let worker = workers[id] {
            worker.leaseUntil = max(worker.leaseUntil, leaseUntil)
            return worker
        }
        let worker = MemoryWorker(id: id, leaseUntil: leaseUntil)
        workers[id] = worker
        return worker
    }

    /// Claims a row that is known to be ready; `isQueued` false when it was taken out of its queue already.
    private mutating func claim(_ row: MemoryRow, by worker: MemoryWorker, isQueued: Bool = true, at now: Date) {
        guard case .accept(let state, _) = TaskLifecycle.decide(.claim(queueIsPaused: false), in: row.life, at: now)
        else { return }
        if isQueued { row.queue.remove(row, at: now) }
        row.life = state
        row.record.progress = .none
        row.record.startedAt = now
        row.record.worker = worker.id
        worker.add(row)
        row.queue.running += 1
        touched(row, at: now)
    }

    /// The row whose running attempt the lease is of.
    private func running(_ lease: Lease) -> MemoryRow? {
        guard let row = rows[lease.task], row.record.status == .running, row.record.fence == lease.fence,
            row.record.worker == lease.worker
        else { return nil }
        return row
    }

    /// Writes a report if its lease is good, and says whether it was.
    private mutating func report(_ report: TaskReport, at now: Date) -> Bool {
        guard let row = running(report.lease) else { return false }
        if !report.isEmpty { write(report, to: row, at: now) }
        return true
    }

    private mutating func write(_ report: TaskReport, to row: MemoryRow, at now: Date) {
        if let progress = report.progress { row.record.progress = row.record.progress.advanced(to: progress) }
        if !report.metadata.isEmpty { row.record.request.metadata.merge(report.metadata) }
        if let checkpoint = report.checkpoint { row.checkpoint = checkpoint }
        _ = apply(.report(fence: report.lease.fence), to: row, at: now)
    }
}
