import Foundation
import TestSupport
import Testing

@Suite("media-tool process, as a real process", .enabled(if: Samples.exist))
struct ProcessTests {
    @Test(
        "a photo, a video and music become files that a person finds, and the exit code is 0",
        .timeLimit(.minutes(3))
    )
    func everything() async throws {
        let folder = try ToolFolder()
        let files = ["photo-12mp.jpg", "trailer-55s-720p.mp4", "cover-art.mp3"].map(Samples.path)
        let ending = try await folder.process(files, "--json")
        #expect(ending.code == 0)
        let names = folder.results.map { $0.replacing(/-[0-9a-f]{8}\//, with: "/") }
        let expected = [
            "cover-art/cover.jpg", "cover-art/metadata.json", "photo-12mp/large.jpg", "photo-12mp/medium.jpg",
            "photo-12mp/thumb.jpg", "trailer-55s-720p/metadata.json", "trailer-55s-720p/poster.jpg",
        ]
        #expect(names == expected)
        let lines = try ending.jsonLines()
        let ended = lines.filter { $0["type"] as? String == "file" }
        #expect(Set(ended.compactMap { $0["kind"] as? String }) == ["image", "video", "audio"])
        for output in ended.flatMap({ $0["outputs"] as? [[String: Any]] ?? [] }) {
            let path = try #require(output["path"] as? String)
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            #expect(size == output["bytes"] as? Int)
        }
        #expect(lines.last?["type"] as? String == "summary")
        #expect(lines.last?["exitCode"] as? Int == 0)
    }

    @Test("typed again it does nothing again, and makes anew what was deleted", .timeLimit(.minutes(3)))
    func again() async throws {
        let folder = try ToolFolder()
        let files = try folder.addPhotos(2)
        #expect(try await folder.process(files).code == 0)
        let second = try await folder.process(files, "--json")
        #expect(second.code == 0)
        let ended = try second.jsonLines().filter { $0["type"] as? String == "file" }
        #expect(ended.allSatisfy { $0["doneBefore"] as? Bool == true })
        #expect(try await folder.tasks().count == 2)
        let results = folder.results
        try FileManager.default.removeItem(atPath: folder.out + "/" + #require(results.first))
        #expect(try await folder.process(files).code == 0)
        #expect(folder.results == results)
        #expect(try await folder.tasks().count == 3)
    }

    @Test("the same bytes under two names are one task, and both are shown as done", .timeLimit(.minutes(3)))
    func duplicates() async throws {
        let folder = try ToolFolder()
        let photo = try Data(contentsOf: URL(filePath: Samples.path("cmyk.jpg")))
        let files = [try folder.add(photo, as: "one.jpg"), try folder.add(photo, as: "two.png")]
        let ending = try await folder.process(files, "--json")
        #expect(ending.code == 0)
        #expect(try ending.jsonLines().last?["done"] as? Int == 2)
        #expect(try await folder.tasks().count == 1)
        #expect(folder.results.count == 3)
    }

    @Test("in a pipe it writes plain lines: no escape sequence, every file, a table", .timeLimit(.minutes(3)))
    func pipe() async throws {
        let folder = try ToolFolder()
        let files = ["cmyk.jpg", "truncated.jpg"].map(Samples.path)
        let ending = try await folder.process(files)
        #expect(ending.code == 1)
        #expect(!ending.output.contains("\u{1B}"))
        #expect(ending.output.contains("[2/2]"))
        #expect(ending.output.contains("thumb.jpg 100×100"))
        #expect(ending.output.contains("1 of 2 files done, 1 failed"))
    }

    @Test("what cannot be read is named, and the other files go on", .timeLimit(.minutes(3)))
    func unusable() async throws {
        let folder = try ToolFolder()
        let empty = try folder.add([], as: "empty.jpg")
        let fifo = folder.path + "/in/fifo"
        mkfifo(fifo, 0o600)
        let files = ["/nonexistent.jpg", folder.path, empty, fifo, "", Samples.path("cmyk.jpg")]
        let ending = try await folder.process(files, "--json")
        #expect(ending.code == 1)
        let ended = try ending.jsonLines().filter { $0["type"] as? String == "file" }
        #expect(ended.count == files.count)
        #expect(ended.filter { $0["status"] as? String == "done" }.count == 1)
        for line in ended where line["status"] as? String == "failed" {
            let error = try #require(line["error"] as? [String: Any])
            #expect((error["message"] as? String ?? "").count > 10)
        }
    }

    @Test("content decides what a file is, not its name", .timeLimit(.minutes(3)))
    func wrongExtension() async throws {
        let folder = try ToolFolder()
        let photo = try Data(contentsOf: URL(filePath: Samples.path("cmyk.jpg")))
        let video = try Data(contentsOf: URL(filePath: Samples.path("rotated-90.mp4")))
        let files = [try folder.add(photo, as: "photo.mp4"), try folder.add(video, as: "video.jpg")]
        let ending = try await folder.process(files, "--json")
        #expect(ending.code == 0)
        let kinds = try ending.jsonLines().filter { $0["type"] as? String == "file" }
        #expect(Set(kinds.compactMap { $0["kind"] as? String }) == ["image", "video"])
    }

    @Test("tasks may be kept in memory, and decoded in process", .timeLimit(.minutes(3)))
    func inMemory() async throws {
        let folder = try ToolFolder()
        let ending = try await ToolProcess.run(
            ToolProcess.tool,
            "process",
            Samples.path("cmyk.jpg"),
            "--store",
            "memory",
            "--out",
            folder.out,
            "--in-process"
        )
        #expect(ending.code == 0)
        #expect(folder.results.count == 3)
    }

    @Test("presets come from a file", .timeLimit(.minutes(3)))
    func presets() async throws {
        let folder = try ToolFolder()
        let presets = try folder.add(
            #"{"web": {"variants": [{"name": "card", "width": 60, "formats": ["webp", "png"]}]}}"#.utf8,
            as: "presets.json"
        )
        let ending = try await folder.process(
            [Samples.path("cmyk.jpg")],
            "--presets",
            presets,
            "--preset",
            "web",
            "--json"
        )
        #expect(ending.code == 0)
        #expect(ending.output.contains("card.webp"))
        #expect(ending.output.contains("card.png"))
    }
}

@Suite("media-tool's command line")
struct CommandLineTests {
    @Test(
        "what makes no sense is explained, and the exit code is 2",
        arguments: [
            ["process"], ["process", "x", "--store", "redis:x"], ["process", "x", "--preset", "nope"],
            ["process", "x", "--workers", "0"], ["process", "x", "--presets", "/nonexistent"], ["frobnicate"], ["list"],
            ["list", "--store", "memory"], ["list", "--store", "sqlite:x", "--limit", "0"],
            ["cancel", "--store", "sqlite:x"], ["show", "--store", "sqlite:x", "not-an-id"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let ending = try await ToolProcess(arguments: arguments, merging: true).ending()
        #expect(ending.code == 2)
        #expect(ending.output.contains("Error:"))
    }

    @Test("a store that is not there is not made by looking at it")
    func missingStore() async throws {
        let folder = try ToolFolder()
        let ending = try await folder.command("list")
        #expect(ending.code == 1)
        #expect(!FileManager.default.fileExists(atPath: folder.database))
    }

    @Test("a file that is no database is refused and left as it is")
    func notADatabase() async throws {
        let folder = try ToolFolder()
        let file = try folder.add("certainly no database".utf8, as: "notes.txt")
        #expect(try await ToolProcess.run(ToolProcess.tool, "list", "--store", "sqlite:" + file).code == 1)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "certainly no database")
    }
}
