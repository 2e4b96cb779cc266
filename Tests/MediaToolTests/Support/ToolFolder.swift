import Foundation
import TestSupport

/// A folder with files to process and results; it is removed with its owner.
final class ToolFolder: Sendable {
    let path: String
    var out: String { path + "/out" }
    var database: String { out + "/tasks.sqlite" }
    var store: String { "sqlite:" + database }

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "tool-tests-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: path + "/in", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file to be processed.
    func add(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
        let file = "\(path)/in/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    /// Copies of the 12 megapixel photo that differ in what follows the image: so many tasks of half a second's work each.
    func addPhotos(_ count: Int) throws -> [String] {
        let photo = try Data(contentsOf: URL(filePath: Samples.path("photo-12mp.jpg")))
        return try (0..<count).map { try add(photo + Data("copy \($0)".utf8), as: "photo-\($0).jpg") }
    }

    /// Every regular file below `out` that is a result, by name.
    var results: [String] {
        (FileManager.default.enumerator(atPath: out)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".jpg") || $0.hasSuffix(".json") }.sorted()
    }

    /// Runs `process` on files to its end.
    func process(_ files: [String], _ more: String...) async throws -> ToolProcess.Ending {
        try await start(files, more).ending()
    }

    /// Starts `process` on files.
    func start(_ files: [String], _ more: [String] = []) throws -> ToolProcess {
        try ToolProcess(arguments: ["process"] + files + ["--out", out, "--store", store] + more, merging: true)
    }

    /// Runs another command on the store.
    func command(_ arguments: String...) async throws -> ToolProcess.Ending {
        try await ToolProcess(arguments: arguments + ["--store", store]).ending()
    }

    /// All tasks, with their history.
    func tasks() async throws -> [[String: Any]] {
        var tasks: [[String: Any]] = []
        for task in try await command("list", "--json", "--limit", "1000").jsonLines() {
            guard let id = task["id"] as? String else { continue }
            tasks += try await command("show", id, "--json").jsonLines()
        }
        return tasks
    }

    /// The outcomes of all attempts of a task.
    static func outcomes(_ task: [String: Any]) -> [String] {
        (task["history"] as? [[String: Any]] ?? []).compactMap { $0["outcome"] as? String }
    }

    /// What SQLite says of the database.
    func integrity() async throws -> String {
        try await ToolProcess.run("/usr/bin/sqlite3", database, "PRAGMA integrity_check").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
