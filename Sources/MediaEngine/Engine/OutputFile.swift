#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Facts about written files.
enum OutputFile {
    /// The bytes of a regular file; 0 for anything else.
    static func size(of path: String) -> Int {
        var status = stat()
        // Not through a link: an output is a file, whatever wrote it.
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }
}
