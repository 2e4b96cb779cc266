#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Written files.
enum OutputFile {
    /// The bytes of a regular file; 0 for anything else.
    static func size(of path: String) -> Int {
        var status = stat()
        // Not through a link: an output is a file, whatever wrote it.
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }

    /// Replaces a file's bytes by what `change` makes of them.
    ///
    /// - Returns: false when the file cannot be read or written, or `change` returns nil. The file may be half written
    ///   then; it lies in a scratch directory.
    static func rewrite(_ path: String, _ change: ([UInt8]) -> [UInt8]?) -> Bool {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let size = size(of: path)
        var bytes = [UInt8](repeating: 0, count: size)
        guard bytes.withUnsafeMutableBytes({ pread(descriptor, $0.baseAddress, size, 0) }) == size,
            let changed = change(bytes)
        else { return false }
        if changed.count == size, changed == bytes { return true }
        return changed.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == changed.count
            && ftruncate(descriptor, off_t(changed.count)) == 0
    }
}
