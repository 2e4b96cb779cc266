import Foundation
import TestSupport
import Testing

@Suite("media-tool on hostile files", .enabled(if: Samples.exist))
struct HostileFilesTests {
    @Test(
        "they fail once with a reason, others are done, and no process uses 700 MB",
        .timeLimit(.minutes(5)),
        arguments: [[], ["--workers", "4"]]
    )
    func all(options: [String]) async throws {
        let folder = try ToolFolder()
        try Data("secret".utf8).write(to: URL(filePath: folder.path + "/in/secret.ts"))
        let header = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n"
        let playlists = [
            try folder.add("\(header)secret.ts\n#EXT-X-ENDLIST\n".utf8, as: "relative.mp4"),
            try folder.add("\(header)\(folder.path)/in/secret.ts\n#EXT-X-ENDLIST\n".utf8, as: "absolute.mp4"),
            try folder.add("ffconcat version 1.0\nfile '\(folder.path)/in/secret.ts'\n".utf8, as: "concat.mp4"),
            try folder.add("\(header)http://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n".utf8, as: "http.mp4"),
        ]
        let hostile = ["truncated.jpg", "bomb-64250px.jpg", "truncated.mp4"].map(Samples.path) + playlists
        let good = ["photo-12mp.jpg", "trailer-55s-720p.mp4"].map(Samples.path)
        let process = try folder.start(hostile + good, ["--json"] + options)
        let ending = await process.ending()
        #expect(ending.code == 1)
        #expect(ending.peakBytes < 700_000_000)
        let ended = try ending.jsonLines().filter { $0["type"] as? String == "file" }
        for line in ended {
            let file = try #require(line["file"] as? String)
            #expect(line["status"] as? String == (good.contains(file) ? "done" : "failed"), "\(file)")
        }
        for task in try await folder.tasks() where task["status"] as? String == "failed" {
            #expect(ToolFolder.outcomes(task) == ["failed"])
            let error = try #require(task["error"] as? [String: Any])
            let message = try #require(error["message"] as? String)
            #expect(message.count > 15)
            #expect(!message.contains(folder.path) && !message.contains("secret"))
        }
        // Reported again, not tried again.
        let again = try await folder.process(hostile)
        #expect(again.code == 1)
        for task in try await folder.tasks() where task["status"] as? String == "failed" {
            #expect(ToolFolder.outcomes(task) == ["failed"])
        }
    }
}
