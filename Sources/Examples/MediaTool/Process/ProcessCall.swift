import Foundation
import MediaPipeline
import ObjectStorage
import TaskCore

/// What all files of one call share: where things go, and how their tasks are enqueued and followed.
struct ProcessCall: Sendable {
    let manager: TaskManager
    let sources: LocalFiles
    let outputs: FileObjectStorage
    let preset: MediaPreset
    /// As given.
    let out: String
    /// Tasks that write to one folder have one queue, so that no call writes another call's outputs to its own folder.
    let queue: String
    /// Keeps the tasks of different folders apart: asked for in two folders, a file is made in both.
    let scope: String
    /// New tasks go before what earlier calls left in the queue: somebody waits for them.
    let priority: Int

    init(manager: TaskManager, outputs: FileObjectStorage, preset: MediaPreset, out: String, outPath: String)
        async throws
    {
        self.manager = manager
        sources = LocalFiles()
        self.outputs = outputs
        self.preset = preset
        self.out = out
        scope = String(ContentHash.sha256(of: outPath.utf8).prefix(16))
        let queue = "media-\(scope.prefix(8))"
        self.queue = queue
        let left = try await manager.list(TaskFilter(statuses: [.queued], queues: [queue]), limit: 1).records.first
        priority = min((left?.priority ?? -1) + 1, Int(Int16.max))
    }

    /// Stores a file's task, or finds it, and brings it to where it can end well: a task that failed for a reason that may have
    /// passed, or was cancelled, is retried; one whose outputs are gone is done again.
    func enqueue<Type: MediaTask>(
        _ type: Type.Type,
        _ input: Type.Input,
        file: String
    ) async throws -> CallTask<Type> where Type.Output: OutputFiles {
        let path = URL(fileURLWithPath: file).path
        var options = EnqueueOptions(
            queue: queue,
            priority: priority,
            metadata: ["file": .string(path), "out": .string(out)]
        )
        var handle = try await Type.enqueue(input, on: manager, scope: scope, options: options)
        while true {
            let record = try await handle.record
            switch record.status {
            case .done:
                if try await hasOutputs(record, Type.Output.self) {
                    return CallTask(id: record.id, input: input, wasDone: true)
                }
                let key = Type.idempotencyKey(for: input, scope: scope).key + ":again:\(record.id)"
                options.idempotency = IdempotencyKey(key, timeToLive: nil)
                options.parent = record.id
                handle = try await Type.enqueue(input, on: manager, options: options)
            case .cancelled:
                try await retry(record.id, input)
                return CallTask(id: record.id, input: input)
            case .failed:
                if Self.isWorthRetrying(record.error) { try await retry(record.id, input) }
                return CallTask(id: record.id, input: input)
            case .queued, .running:
                return CallTask(id: record.id, input: input)
            }
        }
    }

    /// Follows a task until it is over. One that an earlier, killed call left running, and that has lost its worker too often to go on
    /// by itself, is retried once: to be killed by its user is no fault of a file's.
    func follow<Type: MediaTask>(
        _ task: CallTask<Type>,
        onUpdate: (TaskRecord) -> Void
    ) async throws -> TaskRecord {
        var mayRetry = true
        while true {
            var last: TaskRecord?
            for try await update in manager.updates(of: task.id) {
                onUpdate(update.record)
                last = update.record
            }
            guard let record = last else {
                throw TaskError(.storeUnavailable, "The task's updates ended before it was over.", taskID: task.id)
            }
            guard record.status == .failed, record.error?.code == "worker_lost", mayRetry else { return record }
            mayRetry = false
            try await retry(task.id, task.input)
        }
    }

    /// Where an output is, as people find it.
    func path(of key: ObjectKey) -> String { out.hasSuffix("/") ? out + key.string : "\(out)/\(key)" }

    func described(_ image: StoredImage) -> FileState.Output {
        .init(path: path(of: image.key), bytes: image.byteCount, width: image.width, height: image.height)
    }

    /// The file may lie elsewhere by now, with the same bytes: the task gets the new place.
    private func retry(_ id: TaskID, _ input: some Encodable) async throws {
        do {
            try await manager.retry(id, changes: TaskChanges(input: JSONText(encoding: input)))
        } catch let error as TaskError where error.code == .wrongStatus {
            // Another call was faster.
        }
    }

    private func hasOutputs<Output: Decodable & OutputFiles>(_ record: TaskRecord, _ type: Output.Type) async throws
        -> Bool
    {
        guard let output = try? record.result?.decode(Output.self) else { return false }
        for file in output.files where try await outputs.head(file.key)?.size != Int64(file.byteCount) { return false }
        return true
    }

    /// What the same bytes cannot change is not tried again; that a file was missing or different is over once it is there.
    private static func isWorthRetrying(_ failure: TaskFailure?) -> Bool {
        guard let failure else { return true }
        return failure.isRetryable || ["source_missing", "source_changed", "unreadable_source"].contains(failure.code)
    }
}

/// A task of this call.
struct CallTask<Type: MediaTask>: Sendable {
    let id: TaskID
    let input: Type.Input
    /// It was done before this call.
    var wasDone = false
}

/// An output that knows which files belong to it.
protocol OutputFiles {
    var files: [(key: ObjectKey, byteCount: Int)] { get }
}

extension ImageVariants.Output: OutputFiles {
    var files: [(key: ObjectKey, byteCount: Int)] { images.map { ($0.key, $0.byteCount) } }
}

extension VideoPoster.Output: OutputFiles {
    var files: [(key: ObjectKey, byteCount: Int)] { images.map { ($0.key, $0.byteCount) } }
}

extension ProbeMedia.Output: OutputFiles {
    var files: [(key: ObjectKey, byteCount: Int)] { metadata.map { [($0.key, $0.byteCount)] } ?? [] }
}
