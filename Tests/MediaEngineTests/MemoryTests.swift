import Foundation
import Testing

@testable import MediaEngine

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

    @Test("no child exceeds 700 MB, whatever this suite made it do")
    func resident() async throws {
        let directory = try TemporaryDirectory()
        let input = try await largePNG(7000, in: directory)
        let preset = ImagePreset(variants: [ImageVariant("v", width: 1600, formats: [.jpeg, .webp])])
        let job = ImageJob(input: input, outputDirectory: directory.path + "/out", preset: preset)
        _ = try? await MediaEngine().run(.image(job))
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        // Until it executes its program, a child has its parent's memory, and Linux counts that, too: with other suites in this
        // process, which decode here, what lies below this process's own peak says nothing.
        var own = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        #expect(usage.ru_maxrss <= max(700_000, own.ru_maxrss), "\(usage.ru_maxrss) kB")
        #expect(usage.ru_maxrss > 50_000)
    }
}
