internal import MediaEngine
internal import ObjectStorage
internal import TaskCore

/// What every media task does around its engine job: check the source, pass progress on, store the outputs.
struct MediaAttempt: Sendable {
    let environment: MediaEnvironment
    let context: TaskContext

    /// The engine's part of the whole progress: the source is checked before it, the outputs are stored after it.
    private static let engineShare = 0.1...0.95

    /// Runs `body` with the local path of the source, which holds the bytes that were asked for, before and after.
    ///
    /// - Throws: `MediaTaskError`, `CancellationError`.
    func withSource<Result: Sendable>(
        _ source: MediaSource,
        _ body: @Sendable (_ path: String) async throws -> Result
    ) async throws -> Result {
        do {
            context.report(fraction: 0, message: "checking the file")
            guard let before = try await environment.sources.head(source.key) else {
                throw MediaTaskError.sourceMissing
            }
            let result = try await environment.sources.withLocalFile(source.key) { path in
                guard try await ContentHash.sha256(ofFile: path) == source.sha256 else {
                    throw MediaTaskError.sourceChanged
                }
                return try await body(path)
            }
            guard try await environment.sources.head(source.key)?.etag == before.etag else {
                throw MediaTaskError.sourceChanged
            }
            return result
        } catch let error as ObjectStorageError where error.code == .notFound {
            throw MediaTaskError.sourceMissing
        } catch {
            throw MediaTaskError.translated(error)
        }
    }

    /// Runs `body` with an empty local directory, which is gone afterwards, as are those that killed processes left.
    func withScratch<Result: Sendable>(_ body: (_ path: String) async throws -> Result) async throws -> Result {
        let work = environment.workDirectory
        do {
            let scratch = try await OwnThread.run { () throws(MediaError) in
                Scratch.sweep(work)
                return try Scratch.make(in: work)
            }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(scratch.path)) } catch { result = .failure(error) }
            try await OwnThread.run { () throws(MediaError) in scratch.remove() }
            return try result.get()
        } catch {
            throw MediaTaskError.translated(error)
        }
    }

    /// Runs an engine job.
    func run(_ job: MediaJob) async throws -> MediaResult {
        let context = context
        return try await environment.engine.run(job) { progress in
            let share = Self.engineShare
            let fraction = share.lowerBound + progress.fraction * (share.upperBound - share.lowerBound)
            context.report(fraction: fraction, message: Self.text(of: progress))
        }
    }

    private static func text(of progress: MediaProgress) -> String {
        guard progress.message.isEmpty else { return progress.message }
        switch progress.phase {
        case .inspect: return "reading the header"
        case .decode: return "decoding"
        case .render: return "rendering"
        case .commit: return "storing"
        default: return progress.phase.rawValue
        }
    }
}
