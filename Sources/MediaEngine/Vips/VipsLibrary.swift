internal import CVips

/// libvips, set up once for the process.
enum VipsLibrary {
    /// The six formats that may be read, no cache and one thread for each computation: all for the whole process, so that
    /// a host that uses libvips itself gets the same rules.
    private static let startFailure: MediaError? = {
        var error = CVipsError()
        switch cvips_start(&error) {
        case CVIPS_OK: return nil
        case CVIPS_MISSING:
            return MediaError(
                .libraryMissing,
                "This build has no image engine. Install libvips-dev (Debian: apt install libvips-dev) and build again."
            )
        default:
            return MediaError(.engineUnavailable, "The image engine could not start: \(VipsText(error).text)")
        }
    }()

    /// Starts libvips if that was not done yet.
    ///
    /// - Throws: `libraryMissing` when the package was built without it.
    static func start() throws(MediaError) {
        if let startFailure { throw startFailure }
    }
}
