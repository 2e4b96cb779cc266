#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A failed system call: its number only, for the caller to translate.
struct SystemError: Error, Equatable {
    let number: Int32

    /// The error to hand out for a call that failed for no reason of the caller's; names no path.
    func storageError(_ what: String, key: ObjectKey?) -> ObjectStorageError {
        let reason = String(cString: strerror(number))
        if number == ENOSPC || number == EDQUOT {
            return ObjectStorageError(.storageFull, "\(what) failed: \(reason). Free space and try again.", key: key)
        }
        return ObjectStorageError(.unavailable, "\(what) failed: \(reason).", key: key)
    }
}

/// Runs a system call again while a signal interrupts it, and throws its `errno` when it answers -1.
@discardableResult
func systemCall<Value: BinaryInteger>(_ call: () -> Value) throws(SystemError) -> Value {
    while true {
        let value = call()
        if value != -1 { return value }
        let number = errno
        if number != EINTR { throw SystemError(number: number) }
    }
}

/// Owns an open descriptor and closes it when the last reference is gone.
final class FileDescriptor: Sendable {
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Opens `name` below `directory`; never leaks into child processes.
    convenience init(
        at directory: FileDescriptor,
        _ name: some StringProtocol,
        _ flags: Int32,
        mode: mode_t = 0
    ) throws(SystemError) {
        let name = String(name)
        self.init(try systemCall { openat(directory.raw, name, flags | O_CLOEXEC, mode) })
    }

    func status() throws(SystemError) -> stat {
        var status = stat()
        try systemCall { fstat(raw, &status) }
        return status
    }

    func sync() throws(SystemError) {
        try systemCall { fsync(raw) }
    }

    /// Up to `count` bytes at `offset`; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let read = try systemCall {
                bytes.withUnsafeMutableBytes { buffer in
                    pread(raw, buffer.baseAddress.map { $0 + start }, count - start, off_t(offset) + off_t(start))
                }
            }
            if read == 0 { break }
            filled += read
        }
        if filled < count { bytes.removeLast(count - filled) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let start = written
            written += try systemCall {
                bytes.withUnsafeBytes { buffer in
                    Self.writeBytes(raw, buffer.baseAddress.map { $0 + start }, bytes.count - start)
                }
            }
        }
    }

    private static func writeBytes(_ raw: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(raw, start, count)
        #elseif canImport(Musl)
            Musl.write(raw, start, count)
        #else
            Darwin.write(raw, start, count)
        #endif
    }
}
