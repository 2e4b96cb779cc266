package import Foundation

package enum Checkout {
    /// The repository's root.
    package static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of one of its scripts.
    package static func script(_ name: String) -> String { directory.appending(path: "Scripts/\(name)").path() }
}

/// True where nothing may be skipped: what a test needs and does not find is a failure there.
package let everythingIsRequired = ProcessInfo.processInfo.environment["TASKCORE_REQUIRE_ALL"] == "1"
