internal import Synchronization

/// Runs media jobs: a bounded number at once, each limited, each cancellable, none leaving half a file behind.
///
/// Jobs run in a child process by default, so that a file which crashes a decoder costs one attempt and not the service.
/// Safe to share; make one per process.
public final class MediaEngine: Sendable {
    /// Where decoding happens.
    public enum Isolation: Sendable, Equatable {
        /// In a child process with limited memory and processor time, without network, that dies with this process.
        /// For input from strangers.
        case childProcess(executable: ChildExecutable = .automatic)
        /// In this process, on threads of its own. For trusted input: a decoder's crash is this process's crash, memory
        /// is not limited, and an encoder call that has begun is finished before a cancellation shows.
        case inProcess
    }

    /// Where the child's executable, `media-engine-child`, is.
    public enum ChildExecutable: Sendable, Equatable {
        /// The path in the environment variable `MEDIA_ENGINE_CHILD`, else `media-engine-child` beside this executable.
        case automatic
        /// This local path.
        case path(String)
    }

    private let isolation: Isolation
    private let limits: MediaLimits
    private let slots: JobSlots
    /// Threads for one computation: with all slots taken, as many as there are processors.
    private let threads: Int
    /// Output directories that were looked through for what dead processes left.
    private let swept = Mutex<Set<String>>([])

    /// An engine.
    ///
    /// - Parameters:
    ///   - isolation: where decoding happens.
    ///   - limits: what each job may use.
    ///   - concurrency: how many jobs run at once, 1 or more; nil for one per processor. Where it is less, a job uses
    ///     several threads.
    public init(
        isolation: Isolation = .childProcess(),
        limits: MediaLimits = MediaLimits(),
        concurrency: Int? = nil
    ) {
        self.isolation = isolation
        self.limits = limits
        let concurrency = max(1, concurrency ?? Processors.count)
        slots = JobSlots(concurrency)
        threads = max(1, Processors.count / concurrency)
        if isolation == .inProcess { VipsLibrary.configure(threads: threads, isAlone: false) }
    }

    /// Runs one job, waiting for a free slot first.
    ///
    /// Cancelling the calling task ends the work within 100 ms in a child process, and the files it had written are gone
    /// when this throws.
    ///
    /// - Parameters:
    ///   - job: what to do.
    ///   - progress: called on any thread, with fractions that never fall; must return quickly.
    /// - Returns: the result; its files are in place, complete, under the job's output directory.
    /// - Throws: `MediaError`; `cancelled` when the calling task was cancelled.
    public func run(
        _ job: MediaJob,
        progress: @escaping @Sendable (MediaProgress) -> Void = { _ in }
    ) async throws(MediaError) -> MediaResult {
        try job.outputs?.preset.validate()
        let rising = RisingProgress(progress)
        let result = try await slots.withSlot { () throws(MediaError) in
            switch isolation {
            case .inProcess: try await runInProcess(job, progress: rising.report)
            case .childProcess(let executable): try await runInChild(job, executable, progress: rising.report)
            }
        }
        rising.report(MediaProgress(1, .commit))
        return result
    }

    private func runInProcess(
        _ job: MediaJob,
        progress: @escaping @Sendable (MediaProgress) -> Void
    ) async throws(MediaError) -> MediaResult {
        let cancellation = CancellationFlag(deadline: limits.deadline)
        do {
            return try await withTaskCancellationHandler {
                try await OwnThread.run { [self] () throws(MediaError) in
                    let scratch = try makeScratch(for: job)
                    defer { scratch?.remove() }
                    let result = try JobRunner.run(
                        job,
                        in: scratch?.path,
                        limits: limits,
                        cancellation: cancellation,
                        progress: progress
                    )
                    try cancellation.check()
                    return try result.committed(for: job, from: scratch)
                }
            } onCancel: {
                cancellation.cancel()
            }
        } catch let error as MediaError {
            throw error
        } catch {
            throw MediaError(.engineFailed, "The media engine failed.")
        }
    }

    private func runInChild(
        _ job: MediaJob,
        _ executable: ChildExecutable,
        progress: @escaping @Sendable (MediaProgress) -> Void
    ) async throws(MediaError) -> MediaResult {
        let path = try executable.resolve()
        let scratch = try await OwnThread.run { [self] () throws(MediaError) in try makeScratch(for: job) }
        let outcome: Result<MediaResult, MediaError>
        do throws(MediaError) {
            let request = ChildRequest(
                job: job,
                directory: scratch?.path,
                limits: limits,
                threads: threads,
                parent: Processors.ownProcess
            )
            outcome = .success(try await ChildProcess(path: path, request: request).run(progress: progress))
        } catch {
            outcome = .failure(error)
        }
        return try await OwnThread.run { () throws(MediaError) in
            defer { scratch?.remove() }
            return try outcome.get().committed(for: job, from: scratch)
        }
    }

    private func makeScratch(for job: MediaJob) throws(MediaError) -> Scratch? {
        guard let directory = job.outputs?.directory else { return nil }
        let isNew = swept.withLock { swept in
            if swept.count > 1_000 { swept.removeAll() }
            return swept.insert(directory).inserted
        }
        if isNew { Scratch.sweep(directory) }
        return try Scratch.make(in: directory)
    }
}

/// Passes on only reports that do not fall behind what was reported before.
private final class RisingProgress: Sendable {
    private let highest = Mutex(-1.0)
    private let pass: @Sendable (MediaProgress) -> Void

    init(_ pass: @escaping @Sendable (MediaProgress) -> Void) { self.pass = pass }

    var report: @Sendable (MediaProgress) -> Void {
        { [self] progress in
            // NaN compares as false, and is dropped with what falls.
            let rises = highest.withLock { highest in
                guard progress.fraction >= highest else { return false }
                highest = progress.fraction
                return true
            }
            if rises { pass(progress) }
        }
    }
}
