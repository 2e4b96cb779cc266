import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import TestSupport
import Testing

@Suite("a media task that is cancelled")
struct CancellationTests {
    /// Variants that take seconds, so that a cancellation finds it at work.
    private static let slow = MediaPreset(
        name: "slow",
        image: ImagePreset(
            variants: (0..<16).map {
                ImageVariant("v\($0)", width: 3900 - $0, height: 3900, formats: [.avif, .png, .webp])
            }
        )
    )

    @Test(
        "stops, is cancelled and leaves no file",
        .enabled(if: Samples.exist),
        .timeLimit(.minutes(3)),
        arguments: [MediaEngine.Isolation.childProcess(), .inProcess]
    )
    func leavesNothing(isolation: MediaEngine.Isolation) async throws {
        let world = try await MediaWorld(isolation: isolation)
        let source = try await world.sample("photo-12mp.jpg")
        let handle = try await ImageVariants.enqueue(.init(source: source, preset: Self.slow), on: world.manager)
        let record = try await world.worker.whileRunning {
            var record: TaskRecord?
            for try await update in handle.updates {
                record = update.record
                // In the middle of its engine job.
                if update.record.progress.fraction > 0.1 { try await handle.cancel() }
            }
            return try #require(record)
        }
        #expect(record.status == .cancelled)
        #expect(try await world.manager.attempts(of: handle.id).map(\.outcome) == [.cancelled])
        #expect(try await world.outputKeys == [])
        #expect(world.leftovers == [])
    }

    @Test(
        "that is drained goes back to the queue with its attempt unused",
        .enabled(if: Samples.exist),
        .timeLimit(.minutes(3))
    )
    func drained() async throws {
        let world = try await MediaWorld()
        let source = try await world.sample("photo-12mp.jpg")
        var configuration = TaskWorker.Configuration(queues: ["media"])
        configuration.drainTimeout = .zero
        let environment = world.environment
        let worker = try TaskWorker(world.manager, configuration: configuration) { environment.taskTypes }
        let handle = try await ImageVariants.enqueue(.init(source: source, preset: Self.slow), on: world.manager)
        try await worker.whileRunning {
            for try await update in handle.updates where update.record.progress.fraction > 0.1 { return }
        }
        let record = try await handle.record
        #expect(record.status == .queued)
        #expect(record.attempts == 0)
        #expect(try await world.manager.attempts(of: handle.id).map(\.outcome) == [.released])
        #expect(try await world.outputKeys == [])
        #expect(world.leftovers == [])
    }
}
