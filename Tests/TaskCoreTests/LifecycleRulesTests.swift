import TaskCore
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the table leaves to the values that a state and a command carry.
@Suite("The lifecycle's rules")
struct LifecycleRulesTests {
    private func accepted(
        _ command: TaskLifecycle.Command,
        in state: TaskLifecycle.State,
        at time: Date = now,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> TaskLifecycle.State {
        guard case .accept(let after, _) = TaskLifecycle.decide(command, in: state, at: time) else {
            Issue.record("\(command) was not accepted", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        return after
    }

    private func changed(
        _ status: TaskStatus,
        _ change: (inout TaskLifecycle.State) -> Void
    ) -> TaskLifecycle.State {
        var changed = state(status)
        change(&changed)
        return changed
    }

    @Test("a claim counts an attempt, grows the fence and sets the deadline with its grace")
    func claim() throws {
        let after = try accepted(.claim(queueIsPaused: false), in: state(.queued))
        #expect(after.attempts == 3)
        #expect(after.fence == 4)
        #expect(after.deadline == now.addingTimeInterval(30 + 10))
        let endless = changed(.queued) { $0.timeout = nil }
        #expect(try accepted(.claim(queueIsPaused: false), in: endless).deadline == nil)
    }

    @Test("a claim is refused before its time, and while the queue is paused")
    func claimRefused() {
        let later = changed(.queued) { $0.runAt = now.addingTimeInterval(0.000_001) }
        #expect(TaskLifecycle.decide(.claim(queueIsPaused: false), in: later, at: now) == .refuse(.notDue))
        #expect(
            TaskLifecycle.decide(.claim(queueIsPaused: true), in: state(.queued), at: now) == .refuse(.queuePaused)
        )
    }

    @Test("a retryable failure waits its delay; a negative delay is none")
    func failureWaits() throws {
        let after = try accepted(.fail(fence: 3, retryAfter: .seconds(5)), in: state(.running))
        #expect(after.runAt == now.addingTimeInterval(5))
        #expect(after.attempts == 2)
        #expect(try accepted(.fail(fence: 3, retryAfter: .seconds(-5)), in: state(.running)).runAt == now)
    }

    @Test("the last attempt's failure and a failure that is never retried end the task")
    func failureEnds() throws {
        let last = changed(.running) { $0.attempts = 5 }
        #expect(try accepted(.fail(fence: 3, retryAfter: .zero), in: last).status == .failed)
        #expect(try accepted(.timeOut(fence: 3, retryAfter: .zero), in: last).status == .failed)
        #expect(try accepted(.fail(fence: 3, retryAfter: nil), in: state(.running)).status == .failed)
        #expect(try accepted(.timeOut(fence: 3, retryAfter: nil), in: state(.running)).status == .failed)
    }

    @Test("a snooze and a release give the attempt back")
    func givenBack() throws {
        let snoozed = try accepted(.snooze(fence: 3, for: .seconds(60)), in: state(.running))
        #expect(snoozed.attempts == 1)
        #expect(snoozed.runAt == now.addingTimeInterval(60))
        let released = try accepted(.release(fence: 3), in: state(.running))
        #expect(released.attempts == 1)
        #expect(released.runAt == now)
    }

    @Test("a retry loses to a cancel; success and a final failure win over it")
    func cancelRequested() throws {
        let asked = changed(.running) { $0.cancelRequested = true }
        #expect(try accepted(.fail(fence: 3, retryAfter: .zero), in: asked).status == .cancelled)
        #expect(try accepted(.timeOut(fence: 3, retryAfter: .zero), in: asked).status == .cancelled)
        #expect(try accepted(.snooze(fence: 3, for: .zero), in: asked).status == .cancelled)
        #expect(try accepted(.release(fence: 3), in: asked).status == .cancelled)
        #expect(try accepted(.rescue(leaseExpired: true), in: asked).status == .cancelled)
        #expect(try accepted(.complete(fence: 3), in: asked).status == .done)
        #expect(try accepted(.fail(fence: 3, retryAfter: nil), in: asked).status == .failed)
    }

    @Test("asking again to cancel changes nothing")
    func cancelTwice() {
        let asked = changed(.running) { $0.cancelRequested = true }
        #expect(TaskLifecycle.decide(.cancel, in: asked, at: now) == .unchanged)
    }

    @Test("a rescue needs an expired lease or a passed deadline")
    func rescueNeedsAReason() throws {
        #expect(TaskLifecycle.decide(.rescue(leaseExpired: false), in: state(.running), at: now) == .refuse(.notDue))
        let late = now.addingTimeInterval(40)
        let early = TaskLifecycle.decide(.rescue(leaseExpired: false), in: state(.running), at: late - .microseconds(1))
        #expect(early == .refuse(.notDue))
        let timedOut = try accepted(.rescue(leaseExpired: false), in: state(.running), at: late)
        #expect(timedOut.status == .queued)
        #expect(timedOut.lostAttempts == 0)
        #expect(try accepted(.rescue(leaseExpired: true), in: state(.running)).lostAttempts == 1)
    }

    @Test("three lost workers, or no attempts left, fail a rescued task")
    func quarantine() throws {
        let twice = changed(.running) { $0.lostAttempts = 2 }
        #expect(try accepted(.rescue(leaseExpired: true), in: twice).status == .failed)
        let once = changed(.running) { $0.lostAttempts = 1 }
        #expect(try accepted(.rescue(leaseExpired: true), in: once).status == .queued)
        let last = changed(.running) { $0.attempts = 5 }
        #expect(try accepted(.rescue(leaseExpired: true), in: last).status == .failed)
    }

    @Test("a retry renews the budget and forgets losses and the wish to cancel; the fence stays")
    func retry() throws {
        let failed = changed(.failed) {
            $0.lostAttempts = 3
            $0.cancelRequested = true
        }
        let after = try accepted(.retry(runAt: nil), in: failed)
        #expect(after.attempts == 0)
        #expect(after.lostAttempts == 0)
        #expect(!after.cancelRequested)
        #expect(after.fence == 3)
        #expect(after.runAt == now)
        let later = now.addingTimeInterval(9)
        #expect(try accepted(.retry(runAt: later), in: failed).runAt == later)
    }

    @Test("an update happens at the expected version only")
    func expectedVersion() throws {
        #expect(try accepted(.update(expectedVersion: 10, runAt: nil), in: state(.queued)).version == 11)
        let conflict = TaskLifecycle.decide(.update(expectedVersion: 9, runAt: nil), in: state(.queued), at: now)
        #expect(conflict == .refuse(.versionConflict))
    }

    @Test("in any history, fence and version only grow, attempts stay bounded, and terminal means terminal")
    func randomHistories() {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            var current = TaskLifecycle.State(maxAttempts: 3, runAt: now, timeout: .seconds(30))
            var time = now
            for _ in 0..<200 {
                time = time.addingTimeInterval(Double.random(in: 0...20, using: &random))
                let command = Self.command(current, at: time, using: &random)
                let decision = TaskLifecycle.decide(command, in: current, at: time)
                guard case .accept(let after, let ended) = decision else { continue }
                #expect(after.version == current.version + 1, "seed \(seed): \(command)")
                #expect(after.fence >= current.fence, "seed \(seed): \(command)")
                #expect((0...3).contains(after.attempts), "seed \(seed): \(command)")
                #expect((0...3).contains(after.lostAttempts), "seed \(seed): \(command)")
                #expect((ended != nil) == (current.status == .running && after.status != .running), "seed \(seed)")
                if current.status.isFinished { #expect(CommandKind(command) == .retry, "seed \(seed)") }
                #expect(current.status != .done, "seed \(seed): \(command)")
                current = after
            }
        }
    }

    private static func command(
        _ state: TaskLifecycle.State,
        at time: Date,
        using random: inout SplitMix64
    ) -> TaskLifecycle.Command {
        let fence = state.fence - (Int.random(in: 0..<4, using: &random) == 0 ? 1 : 0)
        let delay: Duration? = Bool.random(using: &random) ? .seconds(5) : nil
        return switch CommandKind.allCases.randomElement(using: &random) ?? .claim {
        case .claim: .claim(queueIsPaused: Int.random(in: 0..<5, using: &random) == 0)
        case .report: .report(fence: fence)
        case .complete: .complete(fence: fence)
        case .fail: .fail(fence: fence, retryAfter: delay)
        case .timeOut: .timeOut(fence: fence, retryAfter: delay)
        case .snooze: .snooze(fence: fence, for: delay ?? .zero)
        case .release: .release(fence: fence)
        case .acknowledgeCancel: .acknowledgeCancel(fence: fence)
        case .rescue: .rescue(leaseExpired: Bool.random(using: &random))
        case .cancel: .cancel
        case .retry: .retry(runAt: nil)
        case .update: .update(expectedVersion: nil, runAt: nil)
        }
    }
}
