#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Runs blocking work on a thread of its own, so that Swift's pool never waits for C.
enum OwnThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread and suspends until it returns. Starting a thread costs some 30 µs.
    ///
    /// - Throws: what `body` throws, or `engineUnavailable` when no thread can be started.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws(MediaError) -> Result
    ) async throws(MediaError) -> Result {
        let result: Swift.Result<Result, MediaError> = await withCheckedContinuation { continuation in
            let started = start {
                do throws(MediaError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !started {
                continuation.resume(
                    returning: .failure(MediaError(.engineUnavailable, "No thread could be started."))
                )
            }
        }
        return try result.get()
    }

    private static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Encoders put large arrays on the stack.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        let context = Unmanaged.passRetained(Body(body))
        #if canImport(Glibc)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        let status = pthread_create(&thread, &attributes, Self.main, context.toOpaque())
        if status != 0 { context.release() }
        return status == 0
    }

    #if canImport(Glibc)
        private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
            return nil
        }
    #else
        private static let main: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { context in
            Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }
    #endif
}
