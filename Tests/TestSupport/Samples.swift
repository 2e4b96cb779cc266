import Foundation

/// Real files that are not part of the repository. Tests that need one are skipped where they are missing.
package enum Samples {
    /// The folder, if there is one: `TASKCORE_MEDIA`, or `shared/media` beside the checkout.
    package static let directory: String? = {
        if let path = ProcessInfo.processInfo.environment["TASKCORE_MEDIA"] { return path }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.pathComponents.count > 1 {
            let candidate = folder.appending(path: "shared/media").path()
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    /// True when the folder is there.
    package static var exist: Bool { directory != nil }

    /// The path of a file in it.
    package static func path(_ name: String) -> String { (directory ?? "/missing") + "/" + name }

    package static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path(name))))
    }
}
