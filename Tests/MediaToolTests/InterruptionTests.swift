import Foundation
import TestSupport
import Testing

@Suite("media-tool interrupted", .enabled(if: Samples.exist))
struct InterruptionTests {
    /// How often the process is killed: `TASKCORE_KILLS`, 5 unless said otherwise. `make soak` says 20.
    private static let kills = ProcessInfo.processInfo.environment["TASKCORE_KILLS"].flatMap { Int($0) } ?? 5

    @Test(
        "killed again and again at random moments, then run to the end: every task is done exactly once",
        .timeLimit(.minutes(30))
    )
    func killed() async throws {
        let folder = try ToolFolder()
        // Enough that there is work left for the last one that is killed.
        let photos = max(10, 3 * Self.kills)
        let files = try folder.addPhotos(photos) + [Samples.path("trailer-55s-720p.mp4")]
        for _ in 0..<Self.kills {
            let process = try folder.start(files, ["--json"])
            // So many reports of running tasks later, with others under way.
            var left = Int.random(in: 1...6)
            for await line in process.lines where line.contains(#""status":"running""#) {
                left -= 1
                if left == 0 { break }
            }
            process.signal(SIGKILL)
            #expect(await process.ending().signal == SIGKILL)
        }
        let last = try await folder.process(files, "--json")
        #expect(last.code == 0)
        let tasks = try await folder.tasks()
        // Variants of each photo; probe and poster of the video.
        #expect(tasks.count == photos + 2)
        for task in tasks {
            #expect(task["status"] as? String == "done")
            #expect(ToolFolder.outcomes(task).filter { $0 == "done" }.count == 1)
        }
        #expect(tasks.contains { ToolFolder.outcomes($0).contains("workerLost") })
        #expect(try await folder.integrity() == "ok")
        #expect(folder.results.count == photos * 3 + 2)
        // Nothing of killed attempts stays.
        let hidden = FileManager.default.enumerator(atPath: folder.out)?.compactMap { $0 as? String } ?? []
        #expect(hidden.filter { $0.contains("/.") || $0.hasPrefix(".work") || $0.hasPrefix(".partial-uploads/") } == [])
    }

    @Test(
        "Ctrl-C and SIGTERM give tasks back without using an attempt up, and the next call ends the work",
        .timeLimit(.minutes(5)),
        arguments: [(SIGINT, true), (SIGTERM, false)]
    )
    func drained(signal: Int32, toGroup: Bool) async throws {
        let folder = try ToolFolder()
        let files = try folder.addPhotos(8)
        let process = try folder.start(files, ["--workers", "2"])
        for await line in process.lines where line.contains("started") { break }
        process.signal(signal, toGroup: toGroup)
        let ending = await process.ending()
        #expect(ending.code == 128 + signal)
        #expect(ending.output.contains("Type the same command again"))
        for task in try await folder.tasks() {
            #expect(["queued", "done"].contains(task["status"] as? String))
            #expect(Set(ToolFolder.outcomes(task)).isSubset(of: ["done", "released"]))
            if task["status"] as? String == "queued" { #expect(task["attempts"] as? Int == 0) }
        }
        #expect(try await folder.process(files).code == 0)
        for task in try await folder.tasks() { #expect(task["attempts"] as? Int == 1) }
    }
}

@Suite("media-tool from another terminal", .enabled(if: Samples.exist))
struct SecondProcessTests {
    @Test("list, show, stats, cancel and retry work while the first runs", .timeLimit(.minutes(5)))
    func beside() async throws {
        let folder = try ToolFolder()
        let files = try folder.addPhotos(8)
        let process = try folder.start(files, ["--json", "--workers", "1"])
        for await line in process.lines where line.contains(#""status":"running""#) { break }
        let queued = try await folder.command("list", "--status", "queued", "--json", "--limit", "1").jsonLines()
        let id = try #require(queued.first?["id"] as? String)
        #expect(try await folder.command("cancel", id).code == 0)
        let shown = try #require(try await folder.command("show", id, "--json").jsonLines().first)
        #expect(shown["status"] as? String == "cancelled")
        let stats = try #require(try await folder.command("stats", "--json").jsonLines().first)
        #expect((stats["counts"] as? [String: Int])?["cancelled"] == 1)
        #expect((stats["workers"] as? [Any])?.count == 1)
        let ending = await process.ending()
        #expect(ending.code == 1)
        #expect(try ending.jsonLines().last?["cancelled"] as? Int == 1)
        #expect(try await folder.command("cancel", id).code == 1)
        #expect(try await folder.command("retry", id).code == 0)
        #expect(try await folder.process(files).code == 0)
    }

    @Test("tail shows how tasks stand and what changes", .timeLimit(.minutes(5)))
    func tail() async throws {
        let folder = try ToolFolder()
        let files = try folder.addPhotos(3)
        let process = try folder.start(files, ["--json", "--workers", "1"])
        for await line in process.lines where line.contains(#""status":"running""#) { break }
        let tail = try ToolProcess(arguments: ["tail", "--json", "--store", folder.store])
        var done: Set<String> = []
        for await line in tail.lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            if object["status"] as? String == "done", let id = object["id"] as? String { done.insert(id) }
            if done.count == 3 { break }
        }
        tail.signal(SIGTERM)
        _ = await tail.ending()
        #expect(await process.ending().code == 0)
    }
}
