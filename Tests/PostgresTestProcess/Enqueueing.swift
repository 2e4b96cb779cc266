import Foundation
import TaskCore
import TaskStorePostgres

/// Waits for a line, then enqueues `--count` tasks at once, each in a call of its own, and says the id that each call answered.
///
/// `--name`, `--input` (JSON), `--key` for an idempotency key, `--unique` for a unique key.
enum Enqueueing {
    static func run(_ options: ProcessOptions) async throws {
        let store = try options.store()
        // A connection that is open already, so that all really come at once.
        _ = try await store.queues()
        say("ready")
        _ = await inputLine()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<options.number("count", else: 1) {
                group.addTask {
                    let task = NewTask(
                        name: options["name"] ?? "quick",
                        input: JSONText(trusted: options["input"] ?? "1"),
                        idempotency: options["key"].map { IdempotencyKey($0) },
                        uniqueKey: options["unique"]
                    )
                    switch try await store.enqueue([EnqueueRequest(task)])[0] {
                    case .inserted(let record): say("inserted \(record.id)")
                    case .existing(let record): say("existing \(record.id)")
                    case .conflict(let id): say("conflict \(id)")
                    }
                }
            }
            try await group.waitForAll()
        }
        await store.close()
        say("stopped")
    }
}

/// Waits for a line, then migrates, so that several processes do it at once.
enum Migrating {
    static func run(_ options: ProcessOptions) async throws {
        let store = try options.store()
        say("ready")
        _ = await inputLine()
        try await store.migrate()
        say("version \(try await store.schemaVersion())")
        await store.close()
    }
}
