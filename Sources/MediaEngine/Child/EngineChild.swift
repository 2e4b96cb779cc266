#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The child's side: one job from standard input, behind walls, on the main thread.
package enum EngineChild {
    /// Runs the whole process and returns its exit status.
    package static func main() -> Int32 {
        guard let bytes = StandardStreams.readAll(limit: 4 << 20),
            let request = try? JSONDecoder().decode(ChildRequest.self, from: Data(bytes))
        else { return ChildStatus.badRequest }
        do {
            try prepareLibraries(for: request)
            try Sandbox.enter(request)
        } catch {
            return StandardStreams.write(.failure(error)) ? ChildStatus.noSandbox : ChildStatus.badRequest
        }
        let reporter = ProgressReporter()
        do {
            let result = try JobRunner.run(
                request.job,
                in: request.directory,
                limits: request.limits,
                cancellation: CancellationFlag(deadline: request.limits.deadline),
                progress: reporter.report
            )
            return StandardStreams.write(.result(result)) ? ChildStatus.done : ChildStatus.badRequest
        } catch {
            if error == VipsText.outOfMemory { return ChildStatus.outOfMemory }
            return StandardStreams.write(.failure(error)) ? ChildStatus.failed : ChildStatus.badRequest
        }
    }

    /// What libraries do once, they do before the walls stand: they look for plug-ins and count processors.
    private static func prepareLibraries(for request: ChildRequest) throws(MediaError) {
        switch request.job {
        case .image, .poster:
            VipsLibrary.configure(threads: request.threads, isAlone: true)
            try VipsLibrary.start()
        case .probe: break
        }
    }
}
