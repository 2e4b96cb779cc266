import Foundation
import TestSupport
import Testing

@testable import MediaEngine

/// The video side as a whole job: in process, and behind the child's walls.
@Suite(.enabled(if: Samples.exist))
struct VideoJobTests {
    static let isolations: [MediaEngine.Isolation] = [.inProcess, .childProcess()]

    @Test("a probe says the same in both places, as ffprobe does")
    func probe() async throws {
        let job = MediaJob.probe(ProbeJob(input: Samples.path("trailer-55s-720p.mp4")))
        let inProcess = try await MediaEngine(isolation: .inProcess).run(job)
        #expect(try await MediaEngine(isolation: .childProcess()).run(job) == inProcess)
        guard case .probe(let report) = inProcess else { throw MediaError(.engineFailed, "no report") }
        #expect((report.displayWidth, report.displayHeight) == (1280, 720))
        guard let ffprobe = Tool.find("ffprobe") else { return }
        let said = try await Tool.run(
            ffprobe,
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            Samples.path("trailer-55s-720p.mp4")
        ).output
        let seconds = try #require(Double(said.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(abs((report.duration ?? 0) - seconds) < 0.01)
    }

    static let positions: [PosterPosition] = [.seconds(20), .percent(50), .keyframe(near: 10), .best]

    @Test("every kind of poster comes out of the child as it does in process", arguments: positions)
    func poster(position: PosterPosition) async throws {
        var results: [PosterResult] = []
        for isolation in Self.isolations {
            let directory = try TemporaryDirectory()
            let job = PosterJob(
                input: Samples.path("trailer-55s-720p.mp4"),
                outputDirectory: directory.path,
                position: position,
                preset: .standard
            )
            guard case .poster(var result) = try await MediaEngine(isolation: isolation).run(.poster(job)) else {
                throw MediaError(.engineFailed, "no poster")
            }
            #expect(directory.contents == ["large.jpg", "medium.jpg", "thumb.jpg"])
            #expect(result.image.outputs.map(\.width) == [320, 800, 1280])
            for index in result.image.outputs.indices { result.image.outputs[index].path = "" }
            results.append(result)
        }
        #expect(results[0] == results[1])
    }

    @Test("a truncated video fails for good, and leaves nothing", arguments: isolations)
    func truncated(isolation: MediaEngine.Isolation) async throws {
        let directory = try TemporaryDirectory()
        let engine = MediaEngine(isolation: isolation)
        let path = Samples.path("truncated.mp4")
        let error = await #expect(throws: MediaError.self) { try await engine.run(.probe(ProbeJob(input: path))) }
        #expect(error?.isPermanent == true && error?.message.contains("/") == false)
        let job = PosterJob(input: path, outputDirectory: directory.path, position: .best, preset: .standard)
        await #expect(throws: MediaError.self) { try await engine.run(.poster(job)) }
        #expect(directory.contents.isEmpty)
    }
}
