import Foundation
import Testing

@testable import MediaEngine

/// The folder of real media beside the checkout, or in TASKCORE_MEDIA; tests that need it are skipped where it is missing.
enum MediaSamples {
    static let folder: String? = {
        let files = FileManager.default
        if let path = ProcessInfo.processInfo.environment["TASKCORE_MEDIA"] {
            return files.fileExists(atPath: path) ? path : nil
        }
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("shared/media").path
            if files.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()

    static let isPresent = folder != nil

    static func path(_ name: String) throws -> String { try #require(folder) + "/" + name }
}

/// FFmpeg's command line tools, which are oracles and make samples; tests that need them are skipped where they are missing.
enum FFmpegTool {
    static let isPresent = find("ffmpeg") != nil && find("ffprobe") != nil

    static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Runs a tool to its end and returns what it wrote to its standard output.
    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(find(name)))
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name) \(arguments.joined(separator: " "))")
        return data
    }

    static func ffmpeg(_ arguments: String...) throws -> Data {
        try run("ffmpeg", ["-nostdin", "-v", "error", "-y"] + arguments)
    }

    /// One frame as packed RGB, by FFmpeg's own reading of the file.
    static func picture(_ path: String, input: [String] = [], filter: String) throws -> [UInt8] {
        let arguments = ["-nostdin", "-v", "error"] + input + ["-i", path, "-vf", filter]
        return [UInt8](try run("ffmpeg", arguments + ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]))
    }

    /// The same conversion as the engine's: matrix named, full range out, accurate.
    static func toRGB(_ matrix: String) -> String {
        "scale=in_color_matrix=\(matrix):out_range=full:flags=bicubic+accurate_rnd+full_chroma_int"
    }
}

/// Lends a folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("video-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

func probe(
    _ path: String,
    limits: MediaLimits = MediaLimits(),
    cancellation: CancellationFlag = CancellationFlag()
) throws -> ProbeReport {
    try VideoProbe.probe(path: path, limits: limits, cancellation: cancellation)
}

func poster(
    _ path: String,
    _ position: PosterPosition,
    limits: MediaLimits = MediaLimits(),
    cancellation: CancellationFlag = CancellationFlag(),
    maxDimension: Int? = nil
) throws -> PixelFrame {
    try PosterExtractor.frame(
        path: path,
        position: position,
        limits: limits,
        cancellation: cancellation,
        maxDimension: maxDimension,
        progress: { _ in }
    )
}

/// Expects `body` to throw a media error with this code and a message that has `text` in it.
@discardableResult
func expectMediaError(
    _ code: MediaError.Code,
    _ text: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> some Any
) -> MediaError? {
    let error = #expect(throws: MediaError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(
        error?.message.contains(text) ?? false || text.isEmpty,
        "\(error?.message ?? "")",
        sourceLocation: sourceLocation
    )
    return error
}

extension PixelFrame {
    /// The rows without padding, red, green and blue only.
    var packedRGB: [UInt8] {
        var packed: [UInt8] = []
        packed.reserveCapacity(width * height * 3)
        for row in 0..<height {
            let line = bytes[row * stride..<row * stride + width * format.bytesPerPixel]
            if format == .rgb8 {
                packed += line
            } else {
                for start in Swift.stride(from: line.startIndex, to: line.endIndex, by: 4) {
                    packed += line[start..<start + 3]
                }
            }
        }
        return packed
    }

    /// The three samples at a place.
    func pixel(_ x: Int, _ y: Int) -> [Int] {
        let start = y * stride + x * format.bytesPerPixel
        return bytes[start..<start + 3].map(Int.init)
    }

    /// Peak signal to noise ratio against packed RGB, in dB: 99 when equal, 0 when the sizes differ.
    func similarity(to other: [UInt8]) -> Double {
        let own = packedRGB
        guard own.count == other.count, !own.isEmpty else { return 0 }
        var error = 0
        // A plain loop, because these tests run without optimisation.
        own.withUnsafeBufferPointer { own in
            other.withUnsafeBufferPointer { other in
                var position = 0
                while position < own.count {
                    let difference = Int(own[position]) &- Int(other[position])
                    error &+= difference &* difference
                    position &+= 1
                }
            }
        }
        if error == 0 { return 99 }
        return min(99, 10 * log10(255 * 255 * Double(own.count) / Double(error)))
    }
}
