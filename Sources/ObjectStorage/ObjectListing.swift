#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds one page of keys in byte order. Folders that hold nothing of the page are not read; of the others each is read once,
/// so a page costs the entries of the folders it touches, not those of the whole tree.
struct ObjectListing {
    let prefix: String
    let after: ObjectKey?
    let limit: Int
    private(set) var objects: [ObjectInfo] = []
    private(set) var isCut = false

    init(prefix: String, after: ObjectKey?, limit: Int) {
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }

    /// Lists what lies in `directory`; blocks.
    mutating func run(in directory: ObjectDirectory) throws -> ObjectPage {
        do {
            try visit(directory.root, path: "")
        } catch {
            throw error.storageError("Listing objects", key: nil)
        }
        return ObjectPage(objects: objects, next: isCut ? objects.last?.key : nil)
    }

    private mutating func visit(_ folder: FileDescriptor, path: String) throws(SystemError) {
        for entry in try Self.entries(of: folder) where !isCut {
            let path = path + entry.name
            if path == ObjectDirectory.uploadsName + "/" { continue }
            if entry.isFolder {
                try visitFolder(entry.name.dropLast(), in: folder, path: path)
            } else {
                collect(entry.name, in: folder, path: path)
            }
        }
    }

    /// `path` ends with a slash.
    private mutating func visitFolder(_ name: Substring, in folder: FileDescriptor, path: String) throws(SystemError) {
        let isOfPrefix = path.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: path.utf8)
        let isOver = after.map { after in
            path.utf8.lexicographicallyPrecedes(after.string.utf8) && !after.string.utf8.starts(with: path.utf8)
        }
        guard isOfPrefix, isOver != true, path.utf8.count <= ObjectKey.maximumLength else { return }
        do {
            try visit(FileDescriptor(at: folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path: path)
        } catch {
            // Removed or replaced since its name was read.
            guard [ENOENT, ENOTDIR, ELOOP].contains(error.number) else { throw error }
        }
    }

    private mutating func collect(_ name: String, in folder: FileDescriptor, path: String) {
        guard path.utf8.starts(with: prefix.utf8), let key = try? ObjectKey(path) else { return }
        if let after, key <= after { return }
        var status = stat()
        guard fstatat(folder.raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        guard let info = ObjectDirectory.info(key, status) else { return }
        if objects.count == limit { isCut = true } else { objects.append(info) }
    }

    /// Names in byte order, those of folders with a slash at the end, which is what puts whole keys in byte order.
    static func entries(of folder: FileDescriptor) throws(SystemError) -> [(name: String, isFolder: Bool)] {
        // A descriptor of its own: closedir closes it, and reading moves its position.
        let raw = try systemCall { openat(folder.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard let stream = fdopendir(raw) else {
            close(raw)
            throw SystemError(number: errno)
        }
        defer { closedir(stream) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." else { continue }
            var type = Int32(entry.pointee.d_type)
            if type == Int32(DT_UNKNOWN) {
                var status = stat()
                guard fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
                type = status.st_mode & S_IFMT == S_IFDIR ? Int32(DT_DIR) : Int32(DT_REG)
            }
            if type == Int32(DT_DIR) { entries.append((name + "/", true)) }
            if type == Int32(DT_REG) { entries.append((name, false)) }
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
