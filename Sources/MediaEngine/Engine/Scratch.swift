#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The hidden directory inside an output directory where one job's files lie until all of them are done.
///
/// Its owner holds a file lock on it, which the kernel drops when the owner dies, however it dies. So whoever comes later
/// can tell what was left behind, and removes it.
struct Scratch: Sendable {
    /// The directory's path.
    let path: String
    private let descriptor: Int32
    private static let prefix = ".media-"

    /// Makes one inside `directory`, which is created when missing.
    static func make(in directory: String) throws(MediaError) -> Scratch {
        try makeDirectory(directory)
        for _ in 0..<8 {
            let path = directory + "/" + prefix + String(UInt64.random(in: .min ... .max), radix: 36)
            guard mkdir(path, 0o700) == 0 else {
                if errno == EEXIST { continue }
                throw outputFailed("No temporary directory can be made")
            }
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            // A sweep may have seen it between the two lines, and removes or holds it: then the next name.
            guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0, isSame(path, descriptor) else {
                if descriptor >= 0 { close(descriptor) }
                continue
            }
            return Scratch(path: path, descriptor: descriptor)
        }
        throw MediaError(.outputFailed, "No temporary directory can be made.")
    }

    /// Removes what dead processes left in `directory`.
    static func sweep(_ directory: String) {
        for name in entries(of: directory) where name.hasPrefix(prefix) {
            let path = directory + "/" + name
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { removeFlat(path) }
            close(descriptor)
        }
    }

    /// Moves files out into `directory`: all of them, or none.
    func commit(_ names: [String], to directory: String) throws(MediaError) {
        for (index, name) in names.enumerated() where rename("\(path)/\(name)", "\(directory)/\(name)") != 0 {
            let error = Self.outputFailed("The output cannot be put into place")
            for moved in names.prefix(index) { unlink("\(directory)/\(moved)") }
            throw error
        }
    }

    /// Removes the directory with all that is in it, and gives the lock back. To be called exactly once.
    func remove() {
        Self.removeFlat(path)
        close(descriptor)
    }

    private static func makeDirectory(_ directory: String) throws(MediaError) {
        if mkdir(directory, 0o755) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = directory.lastIndex(of: "/"), slash != directory.startIndex {
            try makeDirectory(String(directory[..<slash]))
            if mkdir(directory, 0o755) == 0 || errno == EEXIST { return }
        }
        throw outputFailed("The output directory cannot be made")
    }

    private static func isSame(_ path: String, _ descriptor: Int32) -> Bool {
        var named = stat()
        var opened = stat()
        return lstat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino
    }

    private static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Files and empty directories only: nothing of ours makes more, and links are not followed.
    private static func removeFlat(_ path: String) {
        for name in entries(of: path) where unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        rmdir(path)
    }

    private static func outputFailed(_ what: String) -> MediaError {
        MediaError(.outputFailed, "\(what): \(String(cString: strerror(errno))).")
    }
}
