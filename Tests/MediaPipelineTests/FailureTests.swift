import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import Testing

@Suite("media tasks fail as they should")
struct FailureTests {
    @Test("bytes that changed since they were asked for are a failure for good", .timeLimit(.minutes(2)))
    func changedSource() async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Pictures.gif)
        let handle = try await ImageVariants.enqueue(.init(source: source, preset: .tiny), on: world.manager)
        _ = try await world.source(Pictures.gif + [0])
        let record = try await world.finished(handle.id)
        #expect(record.error?.code == "source_changed")
        #expect(record.attempts == 1)
        #expect(try await world.outputKeys.isEmpty)
    }

    @Test("a source that is gone is a failure for good", .timeLimit(.minutes(2)))
    func missingSource() async throws {
        let world = try await MediaWorld()
        let source = try await world.source(Pictures.gif)
        let handle = try await ProbeMedia.enqueue(.init(source: source), on: world.manager)
        try await world.sources.delete(source.key)
        let record = try await world.finished(handle.id)
        #expect(record.error?.code == "source_missing")
        #expect(record.attempts == 1)
    }

    @Test("an engine that cannot be started is tried again", .timeLimit(.minutes(2)))
    func engineUnavailable() async throws {
        let world = try await MediaWorld(isolation: .childProcess(executable: .path("/nonexistent/engine")))
        let handle = try await ImageVariants.enqueue(
            .init(source: try await world.source(Pictures.gif), preset: .tiny),
            on: world.manager,
            options: EnqueueOptions(maxAttempts: 2)
        )
        let record = try await world.finished(handle.id)
        #expect(record.error?.code == "engine_unavailable")
        #expect(record.attempts == 2)
        #expect(record.error?.message.contains("/nonexistent") == false)
        #expect(world.leftovers == [])
    }

    @Test("a storage that is away for a while is waited for", .timeLimit(.minutes(2)))
    func storageUnavailable() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "flaky-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = FlakyStorage(try await FileObjectStorage(root: folder), failures: 1)
        let world = try await MediaWorld(outputs: storage)
        let handle = try await ImageVariants.enqueue(
            .init(source: try await world.source(Pictures.gif), preset: .tiny),
            on: world.manager
        )
        let record = try await world.finished(handle.id)
        #expect(record.status == .done)
        #expect(record.attempts == 2)
        let first = try #require(try await world.manager.attempts(of: handle.id).first)
        #expect(first.failure?.code == "unavailable")
        #expect(try await storage.storage.list().objects.count == 1)
    }

    @Test("when one of several outputs cannot be stored, none of them stays", .timeLimit(.minutes(2)))
    func noPartialSet() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "flaky-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // The first is stored, the second is not.
        let storage = FlakyStorage(try await FileObjectStorage(root: folder), failures: 1, after: 1)
        let world = try await MediaWorld(outputs: storage)
        var preset = MediaPreset.tiny
        preset.image.variants.append(ImageVariant("tinier", width: 32, height: 32))
        let handle = try await ImageVariants.enqueue(
            .init(source: try await world.source(Pictures.gif), preset: preset),
            on: world.manager,
            options: EnqueueOptions(maxAttempts: 1)
        )
        #expect(try await world.finished(handle.id).status == .failed)
        #expect(try await storage.storage.list().objects.isEmpty)
        #expect(world.leftovers == [])
    }
}
