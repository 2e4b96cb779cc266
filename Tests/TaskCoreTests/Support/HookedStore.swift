import TaskCore
import TaskTesting

/// A store that tells a test of the calls that pass, and lets it hold them up or make them fail.
final class HookedStore: StoreWrapper {
    /// What is done before calls of a verb are passed on.
    struct Hooks: Sendable {
        var claim: @Sendable (ClaimRequest) async throws -> Void = { _ in }
        var beat: @Sendable (WorkerBeat) async throws -> Void = { _ in }
        var finish: @Sendable ([Finish]) async throws -> Void = { _ in }
    }

    let base: any TaskStore
    private let hooks: Hooks

    init(_ base: any TaskStore, _ change: (inout Hooks) -> Void) {
        self.base = base
        var hooks = Hooks()
        change(&hooks)
        self.hooks = hooks
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        try await hooks.claim(request)
        return try await base.claim(request)
    }

    func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        try await hooks.beat(beat)
        return try await base.beat(beat)
    }

    func finish(_ finishes: [Finish]) async throws -> [FinishResult] {
        try await hooks.finish(finishes)
        return try await base.finish(finishes)
    }
}
