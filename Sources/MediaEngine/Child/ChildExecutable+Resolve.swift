#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension MediaEngine.ChildExecutable {
    /// The executable's local path.
    ///
    /// - Throws: `engineUnavailable`, saying how to provide it, when there is none.
    func resolve() throws(MediaError) -> String {
        switch self {
        case .path(let path):
            guard access(path, X_OK) == 0 else {
                throw MediaError(
                    .engineUnavailable,
                    "The media engine's executable is not where it was configured to be, or cannot be run."
                )
            }
            return path
        case .automatic:
            if let path = getenv("MEDIA_ENGINE_CHILD").map({ String(cString: $0) }), !path.isEmpty {
                return try Self.path(path).resolve()
            }
            if let directory = Self.ownDirectory, access("\(directory)/media-engine-child", X_OK) == 0 {
                return "\(directory)/media-engine-child"
            }
            throw MediaError(
                .engineUnavailable,
                "media-engine-child was not found beside this program. Build that product and install it there, or set "
                    + "MEDIA_ENGINE_CHILD to its path."
            )
        }
    }

    private static var ownDirectory: String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        let path = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { return nil }
        return String(path[..<slash])
    }
}
