import TaskCore
import TaskStoreSQLite

/// Writes without end, from several tasks at once, and says what was acknowledged as soon as it was.
enum Writing {
    static func run(path: String, seed: UInt64) async throws {
        let store = try await SQLiteTaskStore(path: path)
        try await store.migrate()
        say("ready")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { try await write(store, SplitMix64(seed: seed &* 31 &+ UInt64(writer))) }
            }
            try await group.waitForAll()
        }
    }

    private static func write(_ store: SQLiteTaskStore, _ random: SplitMix64) async throws {
        var random = random
        let worker = WorkerID.make()
        while true {
            // Commits of a few bytes and of megabytes, so that a kill finds them at every phase.
            let text = String(repeating: "x", count: 1 << Int.random(in: 0...16, using: &random))
            let tasks = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                NewTask(name: "written", input: JSONText(trusted: "\"\(text)\""))
            }
            _ = try await store.enqueue(tasks.map { EnqueueRequest($0) })
            say(tasks.map { "enqueued \($0.id)" }.joined(separator: "\n"))

            let limit = Int.random(in: 1...20, using: &random)
            let claimed = try await store.claim(.init(worker: worker, queues: [.init("default", limit: limit)])).tasks
            if !claimed.isEmpty { say(claimed.map { "claimed \($0.record.id)" }.joined(separator: "\n")) }

            let finishes = claimed.dropLast(Int.random(in: 0...1, using: &random)).map {
                Finish(lease: $0.lease, outcome: .done(result: .null, followUps: []))
            }
            guard !finishes.isEmpty else { continue }
            _ = try await store.finish(finishes)
            say(finishes.map { "done \($0.lease.task)" }.joined(separator: "\n"))
        }
    }
}
