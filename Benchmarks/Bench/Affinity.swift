import Foundation

/// Which cores this process may use, told by `taskset` of util-linux: the call itself is not in Swift's Glibc module.
enum Affinity {
    /// Lets all threads that there are, and those they will start, run on the first core only.
    static func useOneCore() throws { try use("0") }

    /// Lets them run everywhere again.
    static func useAllCores() throws { try use("0-\(ProcessInfo.processInfo.processorCount - 1)") }

    private static func use(_ cores: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["taskset", "-a", "-p", "-c", cores, "\(ProcessInfo.processInfo.processIdentifier)"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
