package import Foundation

/// A file system of a few megabytes in memory, unmounted with the object. Mounting needs root.
package final class SmallDisk: Sendable {
    package struct CannotMount: Error {}

    package let directory: URL

    package init(megabytes: Int) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("taskcore-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        guard try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "none", directory.path) else {
            try? FileManager.default.removeItem(at: directory)
            throw CannotMount()
        }
    }

    deinit {
        _ = try? Self.run("umount", "-l", directory.path)
        try? FileManager.default.removeItem(at: directory)
    }

    /// Whether one can be had here; true where nothing may be skipped, so that the test fails instead.
    package static let isAvailable: Bool =
        ProcessInfo.processInfo.environment["TASKCORE_REQUIRE_ALL"] == "1" || (try? SmallDisk(megabytes: 1)) != nil

    private static func run(_ arguments: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
