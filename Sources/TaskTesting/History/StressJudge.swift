#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// Reads a store's whole history after a stress run, and compares it with what the actors were told.
struct StressJudge {
    let probe: StoreProbe
    let journal: StressJournal

    func judge() async throws {
        let records = try await probe.walk(TaskQuery(order: .oldestFirst, limit: 500))
        try probe.expect(
            Set(records.map(\.id)),
            equals: journal.acknowledged,
            "I1: the stored and the acknowledged tasks"
        )
        let claims = Dictionary(grouping: journal.claims, by: \.task)
        let finishes = Dictionary(grouping: journal.finishes, by: \.lease.task)
        for record in records {
            let attempts = try await probe.store.attempts(of: record.id)
            try judge(record, attempts)
            try judge(record, attempts, claims: claims[record.id] ?? [], finishes: finishes[record.id] ?? [])
        }
        try await judgeDone()
        let worth = [journal.finishes.count, journal.staleFinishes, journal.rescued]
        try probe.expect(worth.allSatisfy { $0 > 0 }, "finishes, stale finishes and rescues took place", seen: worth)
    }

    /// I4 and I6: bounded attempts, and a history without gaps, overlaps or open ends.
    private func judge(_ record: TaskRecord, _ attempts: [Attempt]) throws {
        let what = "task \(record.id)"
        try probe.expect(record.isFinished, "I6: \(what) is over", seen: record.status)
        let fences = attempts.map(\.fence)
        try probe.expect(fences, equals: (0..<record.fence).map { $0 + 1 }, "I6: the fences of \(what)")
        for attempt in attempts {
            let isWhole = attempt.outcome != nil && attempt.finishedAt.map { $0 >= attempt.startedAt } ?? false
            try probe.expect(isWhole, "I6: an attempt of \(what) has an end", seen: attempt)
            try probe.expect((1...record.maxAttempts).contains(attempt.number), "I4: \(what)", seen: attempt)
        }
        for (old, new) in zip(attempts, attempts.dropFirst()) {
            let isAfter = old.finishedAt.map { $0 <= new.startedAt } ?? false
            try probe.expect(isAfter, "I6: attempts of \(what) do not overlap", seen: [old, new])
        }
        let lost = attempts.count { $0.outcome == .workerLost }
        let lives = 1 + (journal.retries[record.id] ?? 0)
        try probe.expect(lost <= lives * TaskLifecycle.maxLostAttempts, "I4: lost workers of \(what)", seen: lost)
        let usedUp: Set<Attempt.Outcome> = [.failed, .timedOut, .workerLost]
        let failures = attempts.count { usedUp.contains($0.outcome ?? .done) }
        try probe.expect(failures <= lives * record.maxAttempts, "I4: attempts used up by \(what)", seen: attempts)
    }

    /// I2: every claim was handed out once, and what was accepted is what the history shows.
    private func judge(
        _ record: TaskRecord,
        _ attempts: [Attempt],
        claims: [Lease],
        finishes: [(lease: Lease, ended: Attempt.Outcome, status: TaskStatus)]
    ) throws {
        let what = "task \(record.id)"
        let expected = attempts.map { Lease(task: record.id, fence: $0.fence, worker: $0.worker) }
        try probe.expect(claims.sorted { $0.fence < $1.fence }, equals: expected, "I2: the claims of \(what)")
        let accepted = Dictionary(grouping: finishes, by: \.lease.fence)
        for attempt in attempts {
            let outcomes = accepted[attempt.fence, default: []].map(\.ended)
            // Ends that no worker reported are the sweep's.
            let isSweeps = attempt.outcome == .workerLost || attempt.outcome == .timedOut
            let shown = attempt.outcome.map { [$0] } ?? []
            try probe.expect(
                outcomes,
                equals: isSweeps ? [] : shown,
                "I2: the outcomes of \(what), fence \(attempt.fence)"
            )
        }
    }

    /// I3: a done task never changed again.
    private func judgeDone() async throws {
        for record in journal.done {
            try probe.expect(try await probe.record(record.id), equals: record, "I3: a done task")
        }
    }
}
