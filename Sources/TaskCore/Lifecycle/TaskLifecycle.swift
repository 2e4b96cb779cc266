#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Every rule of a task's life, as one pure function over values: the table of `Docs/lifecycle.md`.
///
/// The in-memory store calls it; the SQL stores agree with it, which the conformance kit and the model-based tests of
/// TaskTesting prove.
public enum TaskLifecycle {
    /// How many attempts may lose their worker before the task is failed whatever its budget: it may be what kills them.
    public static let maxLostAttempts = 3

    /// How long after its timeout an attempt is rescued, if the worker that should have ended it did not.
    public static let deadlineGrace: Duration = .seconds(10)

    /// Decides what a command does to a task in that state at that time.
    ///
    /// Exhaustive over status × command. Nothing else in a store may change these fields.
    public static func decide(_ command: Command, in state: State, at now: Date) -> Decision {
        switch (state.status, command) {
        case (.queued, .claim(let queueIsPaused)):
            guard !queueIsPaused else { return .refuse(.queuePaused) }
            guard state.runAt <= now else { return .refuse(.notDue) }
            return state.claimed(at: now)

        case (.running, .report(let fence)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.next, ended: nil)
        case (.running, .complete(let fence)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.over(.done), ended: .done)
        case (.running, .fail(let fence, let retryAfter)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.failed(retryAfter: retryAfter, at: now), ended: .failed)
        case (.running, .timeOut(let fence, let retryAfter)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.failed(retryAfter: retryAfter, at: now), ended: .timedOut)
        case (.running, .snooze(let fence, let delay)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.givenBack(runAt: now + max(.zero, delay)), ended: .snoozed)
        case (.running, .release(let fence)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.givenBack(runAt: now), ended: .released)
        case (.running, .acknowledgeCancel(let fence)):
            guard fence == state.fence else { return .refuse(.stale) }
            return .accept(state.over(.cancelled), ended: .cancelled)
        case (.running, .rescue(let leaseExpired)):
            return state.rescued(leaseExpired: leaseExpired, at: now)
        case (.running, .cancel):
            return state.cancelRequested ? .unchanged : .accept(state.askedToCancel, ended: nil)

        case (.queued, .cancel):
            return .accept(state.over(.cancelled), ended: nil)
        case (.failed, .retry(let runAt)), (.cancelled, .retry(let runAt)):
            return .accept(state.renewed(runAt: runAt ?? now), ended: nil)
        case (.queued, .update(let expectedVersion, let runAt)):
            guard expectedVersion == nil || expectedVersion == state.version else { return .refuse(.versionConflict) }
            return .accept(state.edited(runAt: runAt), ended: nil)

        // A write that needs the lease, of an attempt that is over.
        case (.queued, .report), (.queued, .complete), (.queued, .fail), (.queued, .timeOut), (.queued, .snooze),
            (.queued, .release), (.queued, .acknowledgeCancel),
            (.done, .report), (.done, .complete), (.done, .fail), (.done, .timeOut), (.done, .snooze),
            (.done, .release),
            (.done, .acknowledgeCancel),
            (.failed, .report), (.failed, .complete), (.failed, .fail), (.failed, .timeOut), (.failed, .snooze),
            (.failed, .release), (.failed, .acknowledgeCancel),
            (.cancelled, .report), (.cancelled, .complete), (.cancelled, .fail), (.cancelled, .timeOut),
            (.cancelled, .snooze), (.cancelled, .release), (.cancelled, .acknowledgeCancel):
            return .refuse(.stale)

        case (.queued, .rescue), (.queued, .retry),
            (.running, .claim), (.running, .retry), (.running, .update),
            (.done, .claim), (.done, .rescue), (.done, .cancel), (.done, .retry), (.done, .update),
            (.failed, .claim), (.failed, .rescue), (.failed, .cancel), (.failed, .update),
            (.cancelled, .claim), (.cancelled, .rescue), (.cancelled, .cancel), (.cancelled, .update):
            return .refuse(.wrongStatus)
        }
    }
}
