#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Reading of inputs, with errors that hold no path.
enum InputFile {
    /// The first bytes of a regular file, and its size.
    ///
    /// - Throws: `inputUnreadable` when it is missing, may not be read or is no regular file.
    static func start(of path: String, count: Int) throws(MediaError) -> (bytes: [UInt8], fileSize: Int) {
        // Without O_NONBLOCK the open of a named pipe waits for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason =
                switch errno {
                case ENOENT: "it does not exist"
                case EACCES, EPERM: "access is denied"
                default: String(cString: strerror(errno))
                }
            throw MediaError(.inputUnreadable, "The input could not be opened: \(reason).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw MediaError(.inputUnreadable, "The input is not a file.")
        }
        return (try read(descriptor, count: count, at: 0), Int(status.st_size))
    }

    /// The last bytes of a file that `start` accepted; empty when it cannot be read any more.
    static func end(of path: String, count: Int, fileSize: Int) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return (try? read(descriptor, count: count, at: max(0, fileSize - count))) ?? []
    }

    private static func read(_ descriptor: Int32, count: Int, at offset: Int) throws(MediaError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let length = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard length >= 0 else { throw MediaError(.inputUnreadable, "The input could not be read.") }
        return Array(bytes.prefix(length))
    }
}
