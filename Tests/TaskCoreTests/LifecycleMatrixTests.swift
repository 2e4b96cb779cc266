import TaskCore
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The kinds of command, without what they carry.
enum CommandKind: String, CaseIterable, Sendable {
    case claim, report, complete, fail, timeOut, snooze, release, acknowledgeCancel, rescue, cancel, retry, update

    /// Exhaustive: a command that is new does not compile until it has a kind, and then a row in the table below.
    init(_ command: TaskLifecycle.Command) {
        switch command {
        case .claim: self = .claim
        case .report: self = .report
        case .complete: self = .complete
        case .fail: self = .fail
        case .timeOut: self = .timeOut
        case .snooze: self = .snooze
        case .release: self = .release
        case .acknowledgeCancel: self = .acknowledgeCancel
        case .rescue: self = .rescue
        case .cancel: self = .cancel
        case .retry: self = .retry
        case .update: self = .update
        }
    }

    /// The command in its plainest form: in time, with the right fence and attempts left.
    var plain: TaskLifecycle.Command {
        switch self {
        case .claim: .claim(queueIsPaused: false)
        case .report: .report(fence: 3)
        case .complete: .complete(fence: 3)
        case .fail: .fail(fence: 3, retryAfter: .seconds(5))
        case .timeOut: .timeOut(fence: 3, retryAfter: .seconds(5))
        case .snooze: .snooze(fence: 3, for: .seconds(5))
        case .release: .release(fence: 3)
        case .acknowledgeCancel: .acknowledgeCancel(fence: 3)
        case .rescue: .rescue(leaseExpired: true)
        case .cancel: .cancel
        case .retry: .retry(runAt: nil)
        case .update: .update(expectedVersion: nil, runAt: nil)
        }
    }
}

let now = Date(timeIntervalSince1970: 1_767_225_600)

/// A state in which every plain command that the status allows is accepted.
func state(_ status: TaskStatus) -> TaskLifecycle.State {
    var state = TaskLifecycle.State(maxAttempts: 5, runAt: now, timeout: .seconds(30))
    state.status = status
    state.attempts = 2
    state.fence = 3
    state.version = 10
    if status == .running { state.deadline = now.addingTimeInterval(40) }
    return state
}

@Suite("The lifecycle: every status × command")
struct LifecycleMatrixTests {
    enum Expected: Hashable {
        case becomes(TaskStatus, ended: Attempt.Outcome?)
        case refused(TaskLifecycle.Refusal)
    }

    /// What each command does in queued, running, done, failed, cancelled.
    static let table: [CommandKind: [TaskStatus: Expected]] = [
        .claim: row(.becomes(.running, ended: nil), no, no, no, no),
        .report: row(stale, .becomes(.running, ended: nil), stale, stale, stale),
        .complete: row(stale, .becomes(.done, ended: .done), stale, stale, stale),
        .fail: row(stale, .becomes(.queued, ended: .failed), stale, stale, stale),
        .timeOut: row(stale, .becomes(.queued, ended: .timedOut), stale, stale, stale),
        .snooze: row(stale, .becomes(.queued, ended: .snoozed), stale, stale, stale),
        .release: row(stale, .becomes(.queued, ended: .released), stale, stale, stale),
        .acknowledgeCancel: row(stale, .becomes(.cancelled, ended: .cancelled), stale, stale, stale),
        .rescue: row(no, .becomes(.queued, ended: .workerLost), no, no, no),
        .cancel: row(.becomes(.cancelled, ended: nil), .becomes(.running, ended: nil), no, no, no),
        .retry: row(no, no, no, .becomes(.queued, ended: nil), .becomes(.queued, ended: nil)),
        .update: row(.becomes(.queued, ended: nil), no, no, no, no),
    ]

    private static let no = Expected.refused(.wrongStatus)
    private static let stale = Expected.refused(.stale)

    private static func row(
        _ queued: Expected,
        _ running: Expected,
        _ done: Expected,
        _ failed: Expected,
        _ cancelled: Expected
    ) -> [TaskStatus: Expected] {
        [.queued: queued, .running: running, .done: done, .failed: failed, .cancelled: cancelled]
    }

    static let pairs = TaskStatus.allCases.flatMap { status in CommandKind.allCases.map { (status, $0) } }

    @Test("every pair is classified: a new status or command fails here until the table has it")
    func isComplete() {
        #expect(Self.pairs.count == TaskStatus.allCases.count * CommandKind.allCases.count)
        for (status, kind) in Self.pairs {
            #expect(Self.table[kind]?[status] != nil, "unclassified: \(kind) in \(status)")
            #expect(CommandKind(kind.plain) == kind)
        }
    }

    @Test("every pair does what the table says", arguments: pairs)
    func decides(_ status: TaskStatus, _ kind: CommandKind) throws {
        let before = state(status)
        let expected = try #require(Self.table[kind]?[status])
        switch TaskLifecycle.decide(kind.plain, in: before, at: now) {
        case .accept(let after, let ended):
            #expect(expected == .becomes(after.status, ended: ended))
            #expect(after.version == before.version + 1)
            #expect((after.deadline == nil) == (after.status != .running))
        case .refuse(let refusal):
            #expect(expected == .refused(refusal))
        case .unchanged:
            Issue.record("expected \(expected), seen unchanged")
        }
    }

    @Test("a done task is never changed by anything", arguments: CommandKind.allCases)
    func doneIsFinal(_ kind: CommandKind) {
        guard case .refuse = TaskLifecycle.decide(kind.plain, in: state(.done), at: now) else {
            Issue.record("\(kind) changed a done task")
            return
        }
    }

    @Test("a finished task is changed by a retry only", arguments: CommandKind.allCases)
    func onlyRetryRevives(_ kind: CommandKind) {
        for status in [TaskStatus.failed, .cancelled] {
            let decision = TaskLifecycle.decide(kind.plain, in: state(status), at: now)
            if case .accept = decision { #expect(kind == .retry) }
        }
    }

    @Test(
        "a write with another fence is stale, older or newer",
        arguments: [CommandKind.report, .complete, .fail, .timeOut, .snooze, .release, .acknowledgeCancel]
    )
    func fenceDecides(_ kind: CommandKind) {
        for fence in [Int64(2), 4] {
            var held = state(.running)
            held.fence = fence
            #expect(TaskLifecycle.decide(kind.plain, in: held, at: now) == .refuse(.stale))
        }
    }
}
