import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore

/// What is done with one file: which tasks, one after the other, and what the board hears of them.
struct FileJob: Sendable {
    let call: ProcessCall
    let board: Board
    let index: Int
    let path: String

    /// Looks at the file and enqueues its first task.
    ///
    /// - Returns: What follows the tasks to their end; nil when the file is over already, as one that cannot be read.
    func begin() async -> (@Sendable () async -> Void)? {
        await guarded {
            let (source, kind) = try await inspect()
            let folder = OutputFolder(label: Self.label(of: path), source: source, preset: call.preset)
            switch kind {
            case .image:
                let input = ImageVariants.Input(source: source, preset: call.preset, folder: folder)
                board.change(index) { $0.kind = "image" }
                let task = try await call.enqueue(ImageVariants.self, input, file: path)
                return { await guarded { try await image(task) } }
            case .other:
                let input = ProbeMedia.Input(source: source, folder: folder)
                let task = try await call.enqueue(ProbeMedia.self, input, file: path)
                return { await guarded { try await media(task, source, folder) } }
            }
        }
    }

    private func image(_ task: CallTask<ImageVariants>) async throws {
        guard let output = try await follow(task, share: 0...1) else { return }
        board.change(index) { file in
            file.facts = "\(output.width)×\(output.height) \(output.format)"
            file.outputs = output.images.map(call.described)
            file.wasDoneBefore = task.wasDone
            file.status = .done
        }
    }

    private func media(_ task: CallTask<ProbeMedia>, _ source: MediaSource, _ folder: OutputFolder) async throws {
        guard let probed = try await follow(task, share: 0...0.2) else { return }
        let report = probed.report
        board.change(index) { file in
            file.kind = report.mainVideo == nil ? "audio" : "video"
            file.facts = report.inWords
            if let metadata = probed.metadata {
                file.outputs = [.init(path: call.path(of: metadata.key), bytes: metadata.byteCount)]
            }
        }
        var wasDone = task.wasDone
        if report.mainVideo != nil || report.hasCoverArt {
            let preset = report.mainVideo == nil ? call.preset.ofCoverArt : call.preset
            let input = VideoPoster.Input(source: source, preset: preset, folder: folder)
            let task = try await call.enqueue(VideoPoster.self, input, file: path)
            guard let poster = try await follow(task, share: 0.2...1) else { return }
            wasDone = wasDone && task.wasDone
            board.change(index) { $0.outputs += poster.images.map(call.described) }
        }
        board.change(index) { file in
            file.wasDoneBefore = wasDone
            file.status = .done
        }
    }

    /// Follows a task to its end and shows it as that share of the file.
    ///
    /// - Returns: Its output; nil when it failed or was cancelled, which the board knows then.
    private func follow<Type: MediaTask>(
        _ task: CallTask<Type>,
        share: ClosedRange<Double>
    ) async throws -> Type.Output? {
        let before = board.snapshot[index].seconds
        let record = try await call.follow(task) { record in
            let part = record.status == .done ? 1 : record.status == .running ? record.progress.fraction : 0
            board.change(index, task: record) { file in
                if record.status == .running { file.status = .running }
                file.fraction = share.lowerBound + part * (share.upperBound - share.lowerBound)
                file.message = record.status == .running ? record.progress.message : Self.waiting(record)
                file.runningSince = record.status == .running ? record.startedAt : nil
                if let duration = record.duration { file.seconds = before + duration / .seconds(1) }
            }
        }
        switch record.status {
        case .done:
            return try (record.result ?? .null).decode(Type.Output.self)
        case .cancelled:
            board.change(index) { $0.status = .cancelled }
        case .failed, .queued, .running:
            let failure = record.error.map { FileState.Failure(code: $0.code, message: $0.message) }
            board.change(index) { file in
                file.failure = failure
                file.status = .failed
            }
        }
        return nil
    }

    /// What to say while nothing runs for the file.
    private static func waiting(_ record: TaskRecord) -> String? {
        guard record.status == .queued else { return nil }
        return record.error == nil ? "waiting for its turn" : "waiting to try again"
    }

    /// Hashes the file and looks at its first bytes.
    private func inspect() async throws -> (MediaSource, MediaKind) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw ToolError("This is a folder. Name the files in it, as in \(path.hasSuffix("/") ? path : path + "/")*")
        }
        let key = try await call.sources.key(ofFile: path)
        let source = try await MediaSource(hashing: key, in: call.sources)
        guard let size = try await call.sources.head(key)?.size, size > 0 else {
            throw ToolError("The file is empty.")
        }
        let start = try await call.sources.get(key, range: 0..<Int64(MediaKind.sniffLength))
        return (source, MediaKind(sniffing: try await start.collect(upTo: MediaKind.sniffLength)))
    }

    /// Runs a part of the job; an error is the file's failure, a cancellation leaves it as it is.
    @discardableResult
    private func guarded<Result>(_ body: () async throws -> Result?) async -> Result? {
        do {
            return try await body()
        } catch is CancellationError {
            return nil
        } catch {
            if Task.isCancelled { return nil }
            let (code, message): (String, String) =
                switch error {
                case let error as ObjectStorageError: (error.code.rawValue, error.message)
                case let error as TaskError: (error.code.rawValue, error.message)
                default: ("unusable_file", describe(error))
                }
            board.change(index) { file in
                file.failure = .init(code: code, message: message)
                file.status = .failed
            }
            return nil
        }
    }

    private func guarded(_ body: () async throws -> Void) async {
        let _: Bool? = await guarded {
            try await body(); return true
        }
    }

    /// The file's name without its extension.
    private static func label(of path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
}
