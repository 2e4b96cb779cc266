#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The folder below which all objects lie. All its calls block.
///
/// Each part of a key is opened by itself, relative to the one before and never through a symbolic link, so no key and no link
/// that someone put into the folder leads out of it.
struct ObjectDirectory: Sendable {
    /// Holds uploads that are not complete. The name is reserved: no key may begin with this part.
    static let uploadsName = ".partial-uploads"

    let path: String
    let root: FileDescriptor
    let uploads: FileDescriptor

    /// Opens the folder, and makes it where it is missing.
    init(path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ObjectStorageError(.unavailable, "The storage's folder cannot be made. Check its path and rights.")
        }
        do {
            let flags = O_RDONLY | O_DIRECTORY
            root = FileDescriptor(try systemCall { open(path, flags | O_CLOEXEC) })
            uploads = try Self.openFolder(in: root, Self.uploadsName[...], create: true)
        } catch {
            throw error.storageError("Opening the storage's folder", key: nil)
        }
        guard let resolved = realpath(path, nil) else {
            throw SystemError(number: errno).storageError("Opening the storage's folder", key: nil)
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
    }

    /// Throws `invalidKey` for the names this storage keeps to itself.
    func validate(_ key: ObjectKey) throws(ObjectStorageError) {
        if key.parts.first?.utf8.elementsEqual(Self.uploadsName.utf8) == true {
            throw ObjectStorageError(.invalidKey, "Keys may not begin with '\(Self.uploadsName)/'.", key: key)
        }
    }

    /// Opens the object for reading; `nil` when no regular file has this key.
    func openObject(_ key: ObjectKey) throws -> (file: FileDescriptor, info: ObjectInfo)? {
        do {
            let (parent, name) = try openParent(of: key, create: false)
            // O_NONBLOCK: a named pipe in the folder must not hold up the thread.
            let file = try FileDescriptor(at: parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            return try Self.info(key, file.status()).map { (file, $0) }
        } catch {
            if [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(error.number) { return nil }
            throw error.storageError("Opening the object", key: key)
        }
    }

    /// Removes the object, and the folders above it that became empty.
    func removeObject(_ key: ObjectKey) throws {
        guard try openObject(key) != nil else { return }
        do {
            let (parent, name) = try openParent(of: key, create: false)
            try systemCall { unlinkat(parent.raw, name, 0) }
            try parent.sync()
        } catch {
            if [ENOENT, ENOTDIR].contains(error.number) { return }
            throw error.storageError("Removing the object", key: key)
        }
        var parts = key.parts.dropLast()
        while let name = parts.popLast() {
            guard let parent = try? openFolder(parts, create: false) else { return }
            guard unlinkat(parent.raw, String(name), AT_REMOVEDIR) == 0 else { return }
        }
    }

    /// The folder that holds `key` and the key's last part; with `create`, folders that are missing are made, durably.
    func openParent(of key: ObjectKey, create: Bool) throws(SystemError) -> (folder: FileDescriptor, name: String) {
        let parts = key.parts
        return (try openFolder(parts.dropLast(), create: create), String(parts.last ?? ""))
    }

    private func openFolder(_ parts: ArraySlice<Substring>, create: Bool) throws(SystemError) -> FileDescriptor {
        var folder = root
        for part in parts { folder = try Self.openFolder(in: folder, part, create: create) }
        return folder
    }

    private static func openFolder(
        in parent: FileDescriptor,
        _ name: Substring,
        create: Bool
    ) throws(SystemError) -> FileDescriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
        do {
            return try FileDescriptor(at: parent, name, flags)
        } catch {
            guard create, error.number == ENOENT else { throw error }
        }
        if mkdirat(parent.raw, String(name), 0o777) == 0 {
            try parent.sync()
        } else if errno != EEXIST {
            throw SystemError(number: errno)
        }
        return try FileDescriptor(at: parent, name, flags)
    }

    /// Describes a file; `nil` for what is no regular file.
    static func info(_ key: ObjectKey, _ status: stat) -> ObjectInfo? {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        let seconds = Double(modified.tv_sec) + Double(modified.tv_nsec) / 1e9
        return ObjectInfo(
            key: key,
            size: Int64(status.st_size),
            modified: Date(timeIntervalSince1970: seconds),
            etag: [Int64(status.st_ino), Int64(status.st_size), Int64(modified.tv_sec), Int64(modified.tv_nsec)]
                .map { String($0, radix: 16) }.joined(separator: "-")
        )
    }
}
