import Crypto
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A temporary file that becomes an object by `commit`, or vanishes. All its calls block.
///
/// It is locked (`flock`) as long as its process lives: what can be locked by another was left behind by a death and may be
/// swept, whatever its age, so neither clocks nor slow uploads matter.
final class PartialUpload: Sendable {
    private struct State {
        var hasher = SHA256()
        var size: Int64 = 0
        var isFinished = false
    }

    private let directory: ObjectDirectory
    private let name: String
    private let file: FileDescriptor
    private let state = Mutex(State())

    init(in directory: ObjectDirectory) throws {
        self.directory = directory
        do {
            (name, file) = try Self.makeFile(in: directory.uploads)
        } catch {
            throw error.storageError("Starting the upload", key: nil)
        }
    }

    deinit { discard() }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            do throws(SystemError) {
                try file.write(bytes)
            } catch {
                throw error.storageError("Writing the object", key: nil)
            }
            state.hasher.append(bytes)
            state.size += Int64(bytes.count)
        }
    }

    /// Makes the object visible, whole and durable, under `key`.
    func commit(as key: ObjectKey) throws -> ObjectInfo {
        try state.withLock { state in
            do throws(SystemError) {
                try file.sync()
                try rename(to: key)
            } catch {
                throw Self.commitError(error, key: key)
            }
            state.isFinished = true
            let status = try? file.status()
            guard var info = status.flatMap({ ObjectDirectory.info(key, $0) }) else {
                throw ObjectStorageError(.unavailable, "The stored object cannot be read back.", key: key)
            }
            info.sha256 = state.hasher.hex
            return info
        }
    }

    /// Frees what was written, unless committed.
    func discard() {
        state.withLock { state in
            if !state.isFinished { unlinkat(directory.uploads.raw, name, 0) }
            state.isFinished = true
        }
    }

    private func rename(to key: ObjectKey) throws(SystemError) {
        // A delete may remove the empty folder between its opening and the rename; then it is made again.
        for attempt in 1... {
            do {
                let (folder, leaf) = try directory.openParent(of: key, create: true)
                try systemCall { renameat(directory.uploads.raw, name, folder.raw, leaf) }
                return try folder.sync()
            } catch {
                guard error.number == ENOENT, attempt < 100 else { throw error }
            }
        }
    }

    private static func commitError(_ error: SystemError, key: ObjectKey) -> ObjectStorageError {
        if [ENOTDIR, EISDIR, ELOOP, EEXIST, ENOTEMPTY].contains(error.number) {
            let message =
                "Another object's key is the beginning of this key, or this key is the beginning of another's."
            return ObjectStorageError(.keyConflict, message, key: key)
        }
        return error.storageError("Storing the object", key: key)
    }

    private static func makeFile(in uploads: FileDescriptor) throws(SystemError) -> (String, FileDescriptor) {
        while true {
            let name =
                String(UInt64.random(in: .min ... .max), radix: 16)
                + String(UInt64.random(in: .min ... .max), radix: 16)
            let file: FileDescriptor
            do {
                file = try FileDescriptor(at: uploads, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o666)
            } catch {
                if error.number == EEXIST { continue }
                throw error
            }
            // A sweep may take the new file for a dead one between its creation and its locking.
            guard flock(file.raw, LOCK_EX | LOCK_NB) == 0, try file.status().st_nlink > 0 else {
                unlinkat(uploads.raw, name, 0)
                continue
            }
            return (name, file)
        }
    }
}

extension PartialUpload {
    /// Removes what dead processes left behind; returns how many. Uploads under way, in any process, stay.
    static func sweep(_ uploads: FileDescriptor) throws -> Int {
        do {
            var removed = 0
            for (name, isFolder) in try ObjectListing.entries(of: uploads) where !isFolder {
                let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
                guard let file = try? FileDescriptor(at: uploads, name, flags) else { continue }
                guard flock(file.raw, LOCK_EX | LOCK_NB) == 0 else { continue }
                if unlinkat(uploads.raw, name, 0) == 0 { removed += 1 }
            }
            return removed
        } catch {
            throw error.storageError("Sweeping old uploads", key: nil)
        }
    }
}
