import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import TestSupport

/// Storages, a manager and a worker in a folder that is removed with it.
final class MediaWorld: Sendable {
    let root: String
    let sources: FileObjectStorage
    let outputs: FileObjectStorage
    let manager: TaskManager
    let environment: MediaEnvironment
    let worker: TaskWorker

    init(
        isolation: MediaEngine.Isolation = .childProcess(),
        outputs replaced: (any ObjectStorage)? = nil,
        limits: MediaLimits = MediaLimits()
    ) async throws {
        root = FileManager.default.temporaryDirectory.appending(path: "pipeline-tests-\(UUID())").path()
        sources = try await FileObjectStorage(root: root + "/sources")
        outputs = try await FileObjectStorage(root: root + "/outputs")
        manager = try await TaskManager(store: MemoryTaskStore())
        environment = MediaEnvironment(
            sources: sources,
            outputs: replaced ?? outputs,
            engine: MediaEngine(isolation: isolation, limits: limits, concurrency: 2),
            workDirectory: root + "/work"
        )
        let environment = environment
        worker = try TaskWorker(manager, queues: .init("media", concurrency: 2)) { environment.taskTypes }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Stores bytes as a source.
    func source(_ bytes: [UInt8], as name: String = "source") async throws -> MediaSource {
        let info = try await sources.put(ObjectKey(name), bytes: bytes)
        return MediaSource(key: info.key, sha256: info.sha256 ?? "")
    }

    /// Stores a sample as a source.
    func sample(_ name: String) async throws -> MediaSource { try await source(Samples.bytes(name), as: name) }

    /// The keys of all outputs.
    var outputKeys: [String] {
        get async throws { try await outputs.list().objects.map(\.key.string) }
    }

    /// What tasks left in the work directory, hidden files included.
    var leftovers: [String] { (try? FileManager.default.subpathsOfDirectory(atPath: root + "/work")) ?? [] }

    /// Runs a task to its end and returns its record.
    func finished(_ id: TaskID) async throws -> TaskRecord {
        try await worker.whileRunning {
            for try await update in manager.updates(of: id) where update.record.isFinished { return update.record }
            throw TaskError(.notFound, "the updates ended early")
        }
    }
}

/// A preset that is quick to make.
extension MediaPreset {
    static let tiny = MediaPreset(
        name: "tiny",
        image: ImagePreset(variants: [ImageVariant("small", width: 64, height: 64)]),
        poster: PosterPreset(
            position: .keyframe(near: 0),
            image: ImagePreset(variants: [ImageVariant("poster", width: 160, height: 160)])
        )
    )
}
