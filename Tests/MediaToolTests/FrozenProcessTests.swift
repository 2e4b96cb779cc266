import Foundation
import TestSupport
import Testing

@Suite("media-tool frozen", .enabled(if: Samples.exist))
struct FrozenProcessTests {
    @Test(
        "stopped past its lease while another process does its task: its late write is refused, and the log says so",
        .timeLimit(.minutes(5))
    )
    func overtaken() async throws {
        let folder = try ToolFolder()
        let files = try folder.addPhotos(6)
        let frozen = try folder.start(files, ["--workers", "1", "--log", "warning"])
        for await line in frozen.lines where line.contains("started") { break }
        let id = try await freezeWhileItRunsATask(frozen, folder)

        // The lease of a `process` call is three seconds; the other call waits for it to run out.
        #expect(try await folder.process(files).code == 0)
        let before = try await folder.command("show", id, "--json")
        let task = try #require(try before.jsonLines().first)
        #expect(task["status"] as? String == "done")
        #expect(ToolFolder.outcomes(task) == ["workerLost", "done"])

        frozen.signal(SIGCONT)
        let ending = await frozen.ending()
        // It learns that its files are done, by whomever.
        #expect(ending.code == 0)
        let refusals = ending.output.split(separator: "\n").filter { $0.contains("late outcome refused") }
        #expect(refusals.contains { $0.contains(id) }, "\(ending.output)")
        #expect(try await folder.command("show", id, "--json").output == before.output)
        #expect(try await folder.integrity() == "ok")
    }

    /// Stops the process at a moment when it runs a task and holds no lock of the database, which would stop everybody else, too.
    ///
    /// - Returns: The id of the task that it runs.
    private func freezeWhileItRunsATask(_ process: ToolProcess, _ folder: ToolFolder) async throws -> String {
        while true {
            process.signal(SIGSTOP)
            while try !isStopped(process.pid) { await Task.yield() }
            let lock = try await ToolProcess.run("/usr/bin/sqlite3", folder.database, "BEGIN IMMEDIATE; ROLLBACK")
            if lock.code == 0 {
                let running = try await folder.command("list", "--status", "running", "--json").jsonLines()
                if let id = running.first?["id"] as? String { return id }
            }
            process.signal(SIGCONT)
            await Task.yield()
        }
    }

    private func isStopped(_ pid: pid_t) throws -> Bool {
        let status = try String(contentsOf: URL(filePath: "/proc/\(pid)/stat"), encoding: .utf8)
        // After the name in parentheses, which may hold anything, comes the state.
        return status[(status.lastIndex(of: ")") ?? status.startIndex)...].dropFirst(2).first == "T"
    }
}
