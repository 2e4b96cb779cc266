#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// An input that stays open: the one file that a job may read.
final class MediaFile {
    let descriptor: Int32
    /// Bytes, when it was opened.
    let size: Int

    /// - Throws: `inputUnreadable` when it is missing, may not be read or is no regular file; `corruptInput` when it is empty.
    init(path: String) throws(MediaError) {
        // Without O_NONBLOCK the open of a named pipe waits for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw MediaError(.inputUnreadable, "The input could not be opened: \(String(cString: strerror(errno))).")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            size = 0
            throw MediaError(.inputUnreadable, "The input is not a file.")
        }
        size = Int(status.st_size)
        if size == 0 { throw MediaError(.corruptInput, "The file is empty.") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Up to `count` bytes from `offset` on; fewer at the end of the file, or when it cannot be read.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let length = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        return Array(bytes.prefix(max(length, 0)))
    }
}
