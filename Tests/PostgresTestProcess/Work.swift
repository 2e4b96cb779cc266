import Foundation
import TaskCore
import TaskStorePostgres
import UnixSignals

/// A worker that runs tasks until SIGTERM or the end of its input, and drains.
///
/// `--concurrency`, `--lease`, `--beat`, `--sweep`, `--drain` (seconds), `--effects FILE`, `--connections`, `--call-timeout`, `--listen-url`.
enum Work {
    static func run(_ options: ProcessOptions) async throws {
        let store = try options.store()
        let tasks = try await TaskManager(store: store, logger: options.logger, migrating: false)
        var configuration = TaskWorker.Configuration(
            queues: [.init(options["queue"] ?? "default", concurrency: options.number("concurrency", else: 4))]
        )
        configuration.leaseDuration = options.seconds("lease", else: configuration.leaseDuration)
        configuration.beatInterval = options.seconds("beat", else: configuration.leaseDuration / 4)
        configuration.sweepInterval = options.seconds("sweep", else: configuration.leaseDuration / 4)
        configuration.pollInterval = options.seconds("poll", else: configuration.pollInterval)
        configuration.drainTimeout = options.seconds("drain", else: configuration.drainTimeout)
        let effects = try options["effects"].map { try EffectFile($0) }
        let worker = try TaskWorker(tasks, configuration: configuration, logger: options.logger) {
            Quick()
            Slow()
            Effect(file: effects)
            Poison()
            Hang()
        }
        let signals = await UnixSignalsSequence(trapping: .sigterm)
        try await worker.whileRunning {
            say("ready \(worker.id.rawValue)")
            await end(signals)
            say("draining")
        }
        await tasks.close()
        say("stopped")
    }

    /// Returns at one of the signals or at the end of standard input.
    private static func end(_ signals: UnixSignalsSequence) async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        Task {
            for await _ in signals { continuation.yield() }
        }
        Task {
            while await inputLine() != nil {}
            continuation.yield()
        }
        for await _ in ends { return }
    }
}
