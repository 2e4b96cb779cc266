internal import CSandbox

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A request as a nameless file, which becomes the child's standard input.
///
/// Not a pipe: writing to one whose reader has died raises SIGPIPE, which ends a process that does not expect it.
enum RequestFile {
    /// A descriptor, at its start, that the caller closes.
    static func open(_ bytes: [UInt8]) throws(MediaError) -> Int32 {
        let descriptor = csandbox_memory_file()
        guard descriptor >= 0 else { throw failure }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                close(descriptor)
                throw failure
            }
            written += count
        }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static let failure = MediaError(.engineUnavailable, "The request to the media engine could not be written.")
}
