package import Foundation
import TestSupport

/// A real PostgreSQL server, started by `Scripts/postgres.sh` and gone with this process, however that ends.
package final class PostgresServer: Sendable {
    package struct Options: Sendable {
        /// Settings of postgresql.conf, such as `wal_level` or `fsync`.
        package var settings: [String: String] = [:]
        /// The size of a file system in memory for its data; needs root (`SmallDisk.isAvailable`) and at least 60 MB.
        package var diskMegabytes: Int?
        /// Refuses TCP without TLS; the URLs name its certificate and ask for `verify-full`.
        package var requiresTLS = false

        package init(settings: [String: String] = [:], diskMegabytes: Int? = nil, requiresTLS: Bool = false) {
            self.settings = settings
            self.diskMegabytes = diskMegabytes
            self.requiresTLS = requiresTLS
        }
    }

    package enum StopMode: String, Sendable {
        /// Waits for the sessions to end; ends them; crashes.
        case smart, fast, immediate
    }

    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// Of the superuser's database `postgres`, by TCP and with a password.
    package let url: String
    /// Where its files are; nil for a server that somebody else runs.
    package let directory: URL?
    private let watcher: TestProcess?

    /// Whether `shared()` can be had; true where nothing may be skipped, so that the test fails instead.
    package static let isAvailable = everythingIsRequired || given != nil || PostgresPrograms.folder != nil

    /// The one of this process, started when it is first asked for; the server of TASKCORE_POSTGRES_URL where that is set.
    ///
    /// Nobody stops it or changes its settings. Tests that do have one of their own.
    package static func shared() async throws -> PostgresServer { try await sharing.value }

    private static let sharing = Task {
        if let given { return PostgresServer(given: given) }
        return try await PostgresServer()
    }

    private static let given = ProcessInfo.processInfo.environment["TASKCORE_POSTGRES_URL"]

    private init(given url: String) {
        self.url = url
        self.directory = nil
        self.watcher = nil
    }

    /// Starts one that only the caller uses, in about a second. It ends with the object.
    package init(_ options: Options = Options()) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("taskcore-postgres-\(UUID().uuidString.prefix(13))")
        var arguments = ["serve"]
        for (name, value) in options.settings { arguments += ["-c", "\(name)=\(value)"] }
        if let megabytes = options.diskMegabytes { arguments += ["--disk", "\(megabytes)"] }
        if options.requiresTLS { arguments.append("--tls") }
        // Not killed but told to stop, by the end of its input: the system does that when this process is killed, too.
        let watcher = try TestProcess(PostgresPrograms.script, arguments + [directory.path], isKilledAtEnd: false)
        guard let url = await watcher.line(after: "url ") else {
            var log: [String] = []
            for await line in watcher.log { log.append(line) }
            throw Unavailable(description: log.joined(separator: "\n"))
        }
        self.url = url
        self.directory = directory
        self.watcher = watcher
    }

    /// Stops it; `.immediate` is a crash.
    package func stop(_ mode: StopMode = .fast) async throws {
        try await Command.run(PostgresPrograms.script, ["stop", try own.path, mode.rawValue])
    }

    /// Starts it again after a stop: same data, same port, same URLs; the settings are there for good.
    package func start(settings: [String: String] = [:]) async throws {
        let settings = settings.flatMap { ["-c", "\($0)=\($1)"] }
        try await Command.run(PostgresPrograms.script, ["start"] + settings + [try own.path])
    }

    package func restart(_ mode: StopMode = .fast, settings: [String: String] = [:]) async throws {
        try await stop(mode)
        try await start(settings: settings)
    }

    /// Stops it and removes its files, now; otherwise that happens when the object is gone.
    package func remove() async {
        watcher?.closeInput()
        _ = await watcher?.status()
    }

    /// The data directory, for a test that fills its disk.
    package var dataDirectory: URL { get throws { try own.appendingPathComponent("data") } }

    /// What the server has logged.
    package var log: String {
        get throws { try String(contentsOf: own.appendingPathComponent("server.log"), encoding: .utf8) }
    }

    private var own: URL {
        get throws {
            guard let directory else {
                throw Unavailable(description: "the server of TASKCORE_POSTGRES_URL is not ours")
            }
            return directory
        }
    }
}
