internal import CVips
internal import Synchronization

/// libvips, set up once for the process.
enum VipsLibrary {
    /// The six formats that may be read, no cache and few threads: all for the whole process, so that a host that uses
    /// libvips itself gets the same rules.
    private static let startFailure: MediaError? = {
        var error = CVipsError()
        switch cvips_start(Int32(threads.load(ordering: .relaxed)), &error) {
        case CVIPS_OK:
            cvips_count_warnings(isAlone)
            return nil
        case CVIPS_MISSING:
            return MediaError(
                .libraryMissing,
                "This build has no image engine. Install libvips-dev (Debian: apt install libvips-dev) and build again."
            )
        default:
            return MediaError(.engineUnavailable, "The image engine could not start: \(VipsText(error).text)")
        }
    }()

    /// True in the child: the process runs one job, so every warning is about it.
    private static var isAlone: Bool { alone.load(ordering: .relaxed) }
    private static let alone = Atomic(false)

    /// Threads for each computation.
    private static let threads = Atomic(1)

    /// Says how many threads a computation may use, and whether this process runs one job only. Has no effect after the
    /// first `start`.
    static func configure(threads count: Int, isAlone: Bool) {
        threads.store(min(max(count, 1), 16), ordering: .relaxed)
        alone.store(isAlone, ordering: .relaxed)
    }

    /// Warnings so far that say pixels are missing in a result that libvips calls good: of memory, and of any kind in a
    /// process that runs one job (elsewhere they may be another job's).
    static var lostPixels: (memory: Int, other: Int) {
        (Int(cvips_memory_warnings()), isAlone ? Int(cvips_tile_warnings()) : 0)
    }

    /// Starts libvips if that was not done yet.
    ///
    /// - Throws: `libraryMissing` when the package was built without it.
    static func start() throws(MediaError) {
        if let startFailure { throw startFailure }
    }
}
