import Foundation
import Subprocess
import Testing

@testable import MediaEngine

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Memory of real processes, on images made to need much of it.
@Suite(.enabled(if: Tool.find("vips") != nil), .serialized)
struct MemoryTests {
    /// A noisy 16-bit RGBA PNG, interlaced, so that its decoder keeps every pixel.
    private func largePNG(_ side: Int, in directory: TemporaryDirectory) async throws -> String {
        let vips = try #require(Tool.find("vips"))
        let path = directory.path
        _ = try await Tool.run(vips, "black", "\(path)/a.v", "\(side)", "\(side)", "--bands", "4")
        _ = try await Tool.run(vips, "linear", "\(path)/a.v", "\(path)/b.v", "1", "40000")
        _ = try await Tool.run(vips, "cast", "\(path)/b.v", "\(path)/c.v", "ushort")
        _ = try await Tool.run(vips, "copy", "\(path)/c.v", "\(path)/d.v", "--interpretation", "rgb16")
        _ = try await Tool.run(vips, "pngsave", "\(path)/d.v", "\(path)/large.png", "--interlace", "--compression", "1")
        for name in ["a", "b", "c", "d"] { try FileManager.default.removeItem(atPath: "\(path)/\(name).v") }
        return path + "/large.png"
    }

    @Test(
        "with less memory than needed the job fails: it never succeeds with black pixels",
        arguments: [24, 48, 72, 96, 120]
    )
    func noSilentLoss(megabytes: Int) async throws {
        let directory = try TemporaryDirectory()
        let input = try await largePNG(2500, in: directory)
        var limits = MediaLimits()
        limits.childMemoryBytes = megabytes << 20
        let preset = ImagePreset(variants: [ImageVariant("v", width: 1500, formats: [.png])], placeholder: nil)
        let job = ImageJob(input: input, outputDirectory: directory.path + "/out", preset: preset)
        do {
            guard case .image(let result) = try await MediaEngine(limits: limits).run(.image(job)) else { return }
            // All pixels are alike, so one lost tile shows.
            #expect(Set(try Pictures.read(result.outputs[0].path).samples).count == 1)
        } catch {
            #expect(error as? MediaError == VipsText.outOfMemory, "\(error)")
        }
    }

    @Test("a child does not exceed 700 MB on an image that asks for much more")
    func resident() async throws {
        let directory = try TemporaryDirectory()
        let result = try await Subprocess.run(
            .path(FilePath(Tool.product("SandboxProbe"))),
            arguments: ["peak", Tool.product("media-engine-child")],
            environment: .inherit.updating([
                "PROBE_INPUT": try await largePNG(7000, in: directory), "PROBE_OUTPUT": directory.path + "/out",
            ]),
            output: .string(limit: 1 << 10)
        )
        let peak = try #require(Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(peak < 700_000, "\(peak) kB")
        #expect(peak > 50_000)
    }
}
