import Foundation
import MediaEngine

/// The media engine in process against pyvips, Pillow, vipsthumbnail and ffprobe, taking turns, medians.
///
/// Needs `TASKCORE_BENCH_PHOTO` and `TASKCORE_BENCH_VIDEO`, or the sample files beside the checkout; says what it left out.
enum MediaBench {
    private static let runs = 9

    static func run(_ table: inout BenchTable) async throws {
        try await photo(&table)
        try await probe(&table)
    }

    /// A 12-megapixel JPEG to 320, 800 and 1600 pixels, JPEG quality 80.
    private static func photo(_ table: inout BenchTable) async throws {
        guard let photo = sample("TASKCORE_BENCH_PHOTO", "photo-12mp.jpg") else { return }
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let engine = MediaEngine(isolation: .inProcess)
        let preset = ImagePreset(variants: ImagePreset.standard.variants, placeholder: nil)
        let job = MediaJob.image(ImageJob(input: photo, outputDirectory: output.path, preset: preset))
        let python = try PythonPeer(photo: photo)
        var ours: [Double] = []
        var pyvips: [Double] = []
        var pillow: [Double] = []
        var thumbnails: [Double] = []
        for round in 0...runs {
            let own = try await Measure.seconds { _ = try await engine.run(job) { _ in } }
            let first = try python?.milliseconds("pyvips")
            let second = try python?.milliseconds("pillow")
            let third = try await Measure.seconds { try vipsthumbnail(photo, output.path) }
            guard round > 0 else { continue }  // The first round warms caches.
            ours.append(own * 1000)
            if let first { pyvips.append(first) }
            if let second { pillow.append(second) }
            thumbnails.append(third * 1000)
        }
        let median = Measure.median(ours)
        table.add("photo-12mp to 320/800/1600", median, "ms")
        if !pyvips.isEmpty { table.add("pyvips takes, times ours", Measure.median(pyvips), "ms", reference: median) }
        if !pillow.isEmpty { table.add("Pillow takes, times ours", Measure.median(pillow), "ms", reference: median) }
        table.add("vipsthumbnail x 3 takes, times ours", Measure.median(thumbnails), "ms", reference: median)
    }

    private static func probe(_ table: inout BenchTable) async throws {
        guard let video = sample("TASKCORE_BENCH_VIDEO", "trailer-55s-720p.mp4") else { return }
        let engine = MediaEngine(isolation: .inProcess)
        var ours: [Double] = []
        var ffprobes: [Double] = []
        for round in 0...runs {
            let own = try await Measure.seconds { _ = try await engine.run(.probe(ProbeJob(input: video))) { _ in } }
            let other = try await Measure.seconds {
                try execute("ffprobe", ["-v", "error", "-show_format", "-show_streams", "-of", "json", video])
            }
            guard round > 0 else { continue }
            ours.append(own * 1000)
            ffprobes.append(other * 1000)
        }
        table.add("probe in process", Measure.median(ours), "ms", reference: 2)
        table.add("ffprobe takes, times ours", Measure.median(ffprobes), "ms", reference: Measure.median(ours))
    }

    private static func vipsthumbnail(_ photo: String, _ directory: String) throws {
        for size in [320, 800, 1600] {
            try execute("vipsthumbnail", [photo, "--size", "\(size)", "-o", "\(directory)/vt-\(size).jpg[Q=80,strip]"])
        }
    }

    private static func execute(_ command: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }

    private static func sample(_ variable: String, _ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let path = environment[variable] ?? "../shared/media/\(name)"
        guard FileManager.default.fileExists(atPath: path) else {
            print("left out: no file at \(variable) or ../shared/media/\(name)")
            return nil
        }
        return URL(fileURLWithPath: path).path
    }
}

/// A Python process that does the same work with pyvips or Pillow when told, and says how many milliseconds it took.
private final class PythonPeer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Nil without `TASKCORE_BENCH_PYTHON`, which `make bench` sets.
    init?(photo: String) throws {
        guard let python = ProcessInfo.processInfo.environment["TASKCORE_BENCH_PYTHON"] else {
            print("left out: pyvips and Pillow (TASKCORE_BENCH_PYTHON is not set; `make bench` sets it)")
            return nil
        }
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["Benchmarks/image_peers.py", photo]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit { if process.isRunning { process.terminate() } }

    func milliseconds(_ library: String) throws -> Double {
        try input.fileHandleForWriting.write(contentsOf: Data("\(library)\n".utf8))
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != UInt8(ascii: "\n") {
            guard !byte.isEmpty else { break }
            line.append(byte)
        }
        guard let value = Double(String(decoding: line, as: UTF8.self)) else {
            throw CocoaError(.coderReadCorrupt)
        }
        return value
    }
}
