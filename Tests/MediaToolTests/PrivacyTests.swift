import Foundation
import TestSupport
import Testing

@Suite("what leaks out of media-tool", .enabled(if: Samples.exist))
struct PrivacyTests {
    private static let presets = """
        {"all": {"variants": [
            {"name": "small", "width": 320, "formats": ["jpeg", "png", "webp", "avif"]},
            {"name": "full", "formats": ["jpeg", "png", "webp", "avif"]}
        ]}}
        """

    @Test("no output of a photo with a position holds metadata, in any format and size", .timeLimit(.minutes(5)))
    func position() async throws {
        let folder = try ToolFolder()
        let photo = try Samples.bytes("gps.jpg")
        #expect(MetadataBlocks(in: photo).contains("exif"), "the sample must hold what is looked for")
        let presets = try folder.add(Self.presets.utf8, as: "presets.json")
        let ending = try await folder.process([Samples.path("gps.jpg")], "--presets", presets, "--preset", "all")
        #expect(ending.code == 0)
        var formats: [String] = []
        for name in FileManager.default.enumerator(atPath: folder.out)?.compactMap({ $0 as? String }) ?? [] {
            let path = "\(folder.out)/\(name)"
            guard ["jpg", "png", "webp", "avif"].contains(URL(filePath: name).pathExtension) else { continue }
            formats.append(URL(filePath: name).pathExtension)
            let blocks = MetadataBlocks(in: [UInt8](try Data(contentsOf: URL(filePath: path))))
            #expect(blocks.isImage && blocks.names.isEmpty, "\(name) holds \(blocks.names)")
            let header = try await ToolProcess.run("/usr/bin/vipsheader", "-a", path)
            let fields = header.output.split(separator: "\n").map { $0.prefix { $0 != ":" } }
            #expect(header.code == 0 && fields.contains("width"))
            #expect(fields.filter { $0.hasPrefix("exif-") || $0.hasSuffix("-data") || $0.contains("GPS") } == [])
        }
        #expect(formats.sorted() == ["avif", "avif", "jpg", "jpg", "png", "png", "webp", "webp"])
        // Not in what the tool keeps and tells, either.
        let shown = try await folder.tasks().description
        #expect(!shown.localizedCaseInsensitiveContains("gps_") && !shown.contains("exif"))
    }

    @Test("the look for metadata finds it in every format")
    func control() throws {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: UInt32(content.count + 8).bigEndian, Array.init) + bytes(type) + content
        }
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0, 8] + bytes("Exif\0\0") + [0xFF, 0xDA, 0, 2]
        #expect(MetadataBlocks(in: jpeg).names == ["exif"])
        let png = [0x89] + bytes("PNG\r\n\u{1A}\n") + [0, 0, 0, 1] + bytes("eXIf") + [0, 0, 0, 0, 0]
        #expect(MetadataBlocks(in: png).names == ["exif"])
        let webp = bytes("RIFF") + [0, 0, 0, 0] + bytes("WEBPEXIF") + [2, 0, 0, 0, 1, 2]
        #expect(MetadataBlocks(in: webp).names == ["exif"])
        let item = box("infe", [2, 0, 0, 0, 0, 1, 0, 0] + bytes("Exif\0"))
        let avif = box("ftyp", bytes("avif")) + box("meta", [0, 0, 0, 0] + box("iinf", [0, 0, 0, 0, 0, 1] + item))
        #expect(MetadataBlocks(in: avif).names == ["exif"])
    }
}
