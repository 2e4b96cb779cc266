#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif
package import TaskCore

extension StoreModel {
    package mutating func enqueue(_ requests: [EnqueueRequest], at now: Date) -> [EnqueueResult] {
        requests.map { enqueue($0, at: now) }
    }

    private mutating func enqueue(_ request: EnqueueRequest, at now: Date) -> EnqueueResult {
        let task = request.task
        if let known = index(of: task.id) { return .existing(entries[known].record) }
        let scope = task.owner ?? ""
        if let wanted = task.idempotency {
            keys.removeAll { key in key.expiresAt.map { $0 <= now } ?? false }
            if let key = keys.first(where: { $0.isOf(scope, wanted.key) }) {
                guard Array(key.fingerprint.utf8) == Array(request.fingerprint.utf8), let known = index(of: key.task)
                else {
                    return .conflict(key.task)
                }
                return .existing(entries[known].record)
            }
        }
        if let key = task.uniqueKey, let holder = activeHolder(of: key) { return .existing(holder.record) }

        var kept = task
        kept.runAt = nil
        let record = TaskRecord(
            request: kept,
            status: .queued,
            runAt: task.runAt?.normalized ?? now,
            createdAt: now,
            updatedAt: now
        )
        entries.append(Entry(record: record, sequence: nextSequence()))
        changed.append(task.id)
        if let wanted = task.idempotency {
            keys.append(
                Key(
                    scope: scope,
                    key: wanted.key,
                    fingerprint: request.fingerprint,
                    task: task.id,
                    expiresAt: wanted.timeToLive.map { now + $0 }
                )
            )
        }
        if let worker = request.claimedBy {
            // Whoever drives it by hand has it at once, paused queue or not.
            renewLease(of: worker, for: request.leaseDuration, at: now)
            entries[entries.count - 1].record.runAt = min(record.runAt, now)
            _ = take(entries.count - 1, for: worker, isPaused: false, at: now)
        }
        return .inserted(entries[entries.count - 1].record)
    }

    package mutating func claim(_ request: ClaimRequest, at now: Date) -> ClaimReply {
        renewLease(of: request.worker, for: request.leaseDuration, at: now)
        var claimed: [ClaimedTask] = []
        for asked in request.queues {
            let ready = entries.indices
                .filter { entries[$0].record.queue == asked.queue && entries[$0].record.status == .queued }
                .filter { entries[$0].record.runAt <= now }
                .sorted { left, right in
                    let (left, right) = (entries[left], entries[right])
                    return left.record.request.priority != right.record.request.priority
                        ? left.record.request.priority > right.record.request.priority : left.sequence < right.sequence
                }
            for index in ready.prefix(max(0, asked.limit)) {
                let isPaused = paused.contains(asked.queue)
                guard let task = take(index, for: request.worker, isPaused: isPaused, at: now) else { continue }
                claimed.append(task)
            }
        }
        let asked = Set(request.queues.map(\.queue)).subtracting(paused)
        let next = entries.map(\.record)
            .filter { $0.status == .queued && $0.runAt > now && asked.contains($0.queue) }
            .map(\.runAt).min()
        return ClaimReply(tasks: claimed, nextRunAt: next)
    }

    private mutating func take(_ index: Int, for worker: WorkerID, isPaused: Bool, at now: Date) -> ClaimedTask? {
        guard case .accept = apply(.claim(queueIsPaused: isPaused), to: index, at: now) else { return nil }
        entries[index].record.progress = .none
        entries[index].record.startedAt = now
        entries[index].record.worker = worker
        let record = entries[index].record
        entries[index].attempts.append(
            Attempt(number: record.attempts, fence: record.fence, worker: worker, startedAt: now)
        )
        return ClaimedTask(record: record, checkpoint: entries[index].checkpoint)
    }

    package mutating func beat(_ beat: WorkerBeat, at now: Date) -> BeatReply {
        let wasAlive = isAlive(beat.worker, at: now)
        renewLease(of: beat.worker, for: beat.leaseDuration, at: now)
        for report in beat.reports { _ = write(report, under: report.lease, at: now) }
        let lost = Set(beat.held + beat.reports.map(\.lease)).filter { runningIndex($0) == nil }
        let cancelled = entries.map(\.record)
            .filter { $0.status == .running && $0.worker == beat.worker && $0.cancelRequestedAt != nil }
        return BeatReply(wasAlive: wasAlive, lost: Array(lost), cancelRequested: cancelled.map(\.id))
    }

    private func runningIndex(_ lease: Lease) -> Int? {
        entries.firstIndex {
            $0.record.id == lease.task && $0.record.status == .running && $0.record.fence == lease.fence
                && $0.record.worker == lease.worker
        }
    }

    private mutating func write(_ report: TaskReport, under lease: Lease, at now: Date) -> Bool {
        guard !report.isEmpty, let index = runningIndex(lease) else { return false }
        guard case .accept = apply(.report(fence: lease.fence), to: index, at: now) else { return false }
        entries[index].write(report)
        return true
    }

    package mutating func finish(_ finishes: [Finish], at now: Date) -> [FinishResult] {
        finishes.map { finish in
            guard let index = runningIndex(finish.lease) else { return .stale }
            if let report = finish.report { _ = write(report, under: finish.lease, at: now) }
            end(index, finish, at: now)
            return .accepted(entries[index].record.status)
        }
    }

    private mutating func end(_ index: Int, _ finish: Finish, at now: Date) {
        let fence = finish.lease.fence
        switch finish.outcome {
        case .done(let result, let followUps):
            _ = apply(.complete(fence: fence), to: index, at: now)
            entries[index].record.result = result
            entries[index].record.error = nil
            entries[index].checkpoint = nil
            enqueue(followUps, of: entries[index].record, at: now)
        case .failed(let failure, let retryAfter):
            _ = apply(.fail(fence: fence, retryAfter: retryAfter), to: index, at: now, failure: failure)
        case .timedOut(let failure, let retryAfter):
            _ = apply(.timeOut(fence: fence, retryAfter: retryAfter), to: index, at: now, failure: failure)
        case .cancelled:
            _ = apply(.acknowledgeCancel(fence: fence), to: index, at: now)
        case .snoozed(let delay):
            _ = apply(.snooze(fence: fence, for: delay), to: index, at: now)
        case .released:
            _ = apply(.release(fence: fence), to: index, at: now)
        }
    }

    private mutating func enqueue(_ followUps: [NewTask], of parent: TaskRecord, at now: Date) {
        for followUp in followUps {
            var task = followUp
            task.parent = task.parent ?? parent.id
            task.owner = task.owner ?? parent.owner
            _ = enqueue(EnqueueRequest(task), at: now)
        }
    }

    package mutating func retire(_ worker: WorkerID, at now: Date) {
        workers.removeAll { $0.id == worker }
        for index in entries.indices where entries[index].record.worker == worker {
            _ = apply(.release(fence: entries[index].record.fence), to: index, at: now)
        }
    }

    package mutating func rescue(limit: Int, at now: Date) -> RescueReport {
        var report = RescueReport()
        for index in entries.indices where entries[index].record.status == .running && report.total < limit {
            let worker = entries[index].record.worker
            let isLost = !isAlive(worker, at: now)
            let failure: TaskFailure = isLost ? .workerLost(worker) : .deadlinePassed
            let decision = apply(.rescue(leaseExpired: isLost), to: index, at: now, failure: failure)
            guard case .accept(let state, _) = decision else { continue }
            switch state.status {
            case .queued: report.requeued += 1
            case .failed: report.failed += 1
            case .cancelled: report.cancelled += 1
            case .running, .done: break
            }
        }
        workers.removeAll { worker in
            worker.leaseUntil <= now
                && !entries.contains { $0.record.status == .running && $0.record.worker == worker.id }
        }
        return report
    }
}
