import Synchronization
import TaskCore
import TaskTesting

extension Saboteur {
    static let working = [
        Saboteur("claims a task twice", topic: "claim", caughtBy: "a running task is not claimed again") {
            ClaimsTwice(base: $0)
        },
        Saboteur("claims more than its limit", topic: "claim", caughtBy: "per queue at most its limit") {
            EditsClaims(base: $0) { request in
                for index in request.queues.indices { request.queues[index].limit += 1 }
            }
        },
        Saboteur("does not look at the order of queues", topic: "claim order", caughtBy: "in the order asked") {
            EditsClaims(base: $0) { $0.queues.sort { $0.queue < $1.queue } }
        },
        Saboteur("hands tasks out in reverse", topic: "claim order", caughtBy: "the highest priority comes first") {
            ReversesClaims(base: $0)
        },
        Saboteur("loses the checkpoint", topic: "claim", caughtBy: "keeps checkpoint") { LosesCheckpoints(base: $0) },
        Saboteur("knows no next runAt", topic: "claim", caughtBy: "nextRunAt is the earliest") {
            LosesCheckpoints(base: $0, nextRunAt: false)
        },
        Saboteur("ignores pauses", topic: "race", caughtBy: "claim against pause") { IgnoresPauses(base: $0) },
        Saboteur("does not name lost leases", topic: "beat", caughtBy: "it names the held leases") {
            EditsBeats(base: $0) { $0.lost = [] }
        },
        Saboteur("does not pass cancellations on", topic: "beat", caughtBy: "whose cancellation was asked for") {
            EditsBeats(base: $0) { $0.cancelRequested = [] }
        },
        Saboteur("believes that every worker lived", topic: "beat", caughtBy: "not known before") {
            EditsBeats(base: $0) { $0.wasAlive = true }
        },
        Saboteur("renews no lease by a beat", topic: "beat", caughtBy: "keeps its tasks") { BeatsInVain(base: $0) },
        Saboteur("shows progress as it was reported", topic: "report", caughtBy: "progress never goes back") {
            ShowsRawProgress(base: $0)
        },
        Saboteur("needs a free thread of Swift's pool", topic: "life", caughtBy: "while handlers block every thread") {
            NeedsThePool(base: $0)
        },
        Saboteur("rescues nothing", topic: "rescue", caughtBy: "is ready again, and says why") {
            EditsRescues(base: $0) { _ in 0 }
        },
        Saboteur("rescues without a limit", topic: "rescue", caughtBy: "at most its limit") {
            EditsRescues(base: $0) { _ in .max }
        },
        Saboteur("forgets a worker and leaves its tasks running", topic: "retire", caughtBy: "is released") {
            RetiresNobody(base: $0)
        },
    ]
}

final class ClaimsTwice: StoreWrapper {
    let base: any TaskStore
    private let last = Mutex<[ClaimedTask]>([])

    init(base: any TaskStore) { self.base = base }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        var reply = try await base.claim(request)
        if reply.tasks.isEmpty { reply.tasks = last.withLock { $0 } } else { last.withLock { $0 = reply.tasks } }
        return reply
    }
}

struct EditsClaims: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout ClaimRequest) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout ClaimRequest) -> Void) {
        self.base = base
        self.edit = edit
    }

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        var request = request
        edit(&request)
        return try await base.claim(request)
    }
}

struct ReversesClaims: StoreWrapper {
    let base: any TaskStore

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        var reply = try await base.claim(request)
        reply.tasks.reverse()
        return reply
    }
}

struct LosesCheckpoints: StoreWrapper {
    let base: any TaskStore
    var nextRunAt = true

    func claim(_ request: ClaimRequest) async throws -> ClaimReply {
        var reply = try await base.claim(request)
        if nextRunAt {
            for index in reply.tasks.indices { reply.tasks[index].checkpoint = nil }
        } else {
            reply.nextRunAt = nil
        }
        return reply
    }
}

struct IgnoresPauses: StoreWrapper {
    let base: any TaskStore

    func setPaused(_ paused: Bool, queue: String) async throws {}
}

struct EditsBeats: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (inout BeatReply) -> Void

    init(base: any TaskStore, _ edit: @escaping @Sendable (inout BeatReply) -> Void) {
        self.base = base
        self.edit = edit
    }

    func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        var reply = try await base.beat(beat)
        edit(&reply)
        return reply
    }
}

struct BeatsInVain: StoreWrapper {
    let base: any TaskStore

    func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        var beat = beat
        beat.leaseDuration = .zero
        return try await base.beat(beat)
    }
}

final class ShowsRawProgress: StoreWrapper {
    let base: any TaskStore
    private let reported = Mutex<[TaskID: TaskProgress]>([:])

    init(base: any TaskStore) { self.base = base }

    func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        for report in beat.reports { reported.withLock { $0[report.lease.task] = report.progress } }
        return try await base.beat(beat)
    }

    func tasks(_ ids: [TaskID]) async throws -> [TaskRecord?] {
        try await base.tasks(ids).map { record in
            var record = record
            if let id = record?.id, let progress = reported.withLock({ $0[id] }) { record?.progress = progress }
            return record
        }
    }
}

struct NeedsThePool: StoreWrapper {
    let base: any TaskStore

    func beat(_ beat: WorkerBeat) async throws -> BeatReply {
        try await Task { try await base.beat(beat) }.value
    }
}

struct EditsRescues: StoreWrapper {
    let base: any TaskStore
    let edit: @Sendable (Int) -> Int

    init(base: any TaskStore, _ edit: @escaping @Sendable (Int) -> Int) {
        self.base = base
        self.edit = edit
    }

    func rescue(limit: Int) async throws -> RescueReport { try await base.rescue(limit: edit(limit)) }
}

struct RetiresNobody: StoreWrapper {
    let base: any TaskStore

    func retire(_ worker: WorkerID) async throws {}
}
