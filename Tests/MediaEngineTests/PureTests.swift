import Foundation
import Testing

@testable import MediaEngine

/// Rules that need neither files nor libraries.
@Suite struct PureTests {
    @Test("BlurHash gives the reference encoder's text")
    func blurHash() {
        // Values of the blurhash package 1.1.5 of PyPI for the same pixels.
        let grey = [UInt8](repeating: 128, count: 8 * 8 * 3)
        #expect(BlurHash.encode(rgb: grey, width: 8, height: 8, x: 1, y: 1) == "00Eyb[")
        var gradient: [UInt8] = []
        for y in 0..<6 {
            for x in 0..<8 { gradient += [UInt8(x * 36), UInt8(y * 51), 120] }
        }
        #expect(BlurHash.encode(rgb: gradient, width: 8, height: 6, x: 4, y: 3) == "LxH.cU3Aa|xtz4NKfQnSeXf7fQf7")
        #expect(BlurHash.encode(rgb: grey, width: 8, height: 8, x: 10, y: 1) == nil)
        #expect(BlurHash.encode(rgb: grey, width: 9, height: 8, x: 4, y: 3) == nil)
    }

    @Test("an error text holds no path, no repetition, and few words")
    func redaction() {
        let text = VipsText("VipsJpeg: unable to open /srv/uploads/u-17.jpg\nx\nx\nC:\\secret\n")
        #expect(text.text == "VipsJpeg: unable to open (file); x; (file)")
        let long = VipsText(String(repeating: "word ", count: 1000))
        #expect(long.text.count < 200)
    }

    @Test("libvips' words become words for people")
    func readable() {
        let truncated = VipsText("VipsJpeg: Premature end of JPEG file\n").decodingError(of: .jpeg, isCutOff: false)
        #expect(truncated == MediaError(.corruptInput, "The JPEG ends too early: the file is truncated."))
        #expect(
            VipsText("out of memory --- size == 40MB").decodingError(of: .png, isCutOff: false) == VipsText.outOfMemory
        )
        #expect(
            VipsText("unable to call x: operation is blocked").decodingError(of: .gif, isCutOff: false).code
                == .notAllowed
        )
        #expect(VipsText("write error: No space left on device").renderingError(of: "x").isPermanent == false)
        #expect(
            VipsText("").decodingError(of: .webp, isCutOff: false).message
                == "The WebP is damaged and cannot be decoded."
        )
    }

    @Test("a decoder shrinks no further than the wanted size")
    func shrink() {
        #expect(ImageDecoder.shrink((4032, 3024), to: (1600, 1200)) == 2)
        #expect(ImageDecoder.shrink((4032, 3024), to: (2016, 1512)) == 2)
        #expect(ImageDecoder.shrink((4032, 3024), to: (2017, 1513)) == 1)
        #expect(ImageDecoder.shrink((4032, 3024), to: (320, 240)) == 8)
        #expect(ImageDecoder.shrink((3, 3), to: (1, 1)) == 2)
    }

    @Test("a WebP loses its metadata chunks and their flags, and nothing else")
    func webp() {
        func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
            Array(name.utf8) + [UInt8(bytes.count), 0, 0, 0] + bytes + (bytes.count % 2 == 1 ? [0] : [])
        }
        func file(_ chunks: [UInt8]) -> [UInt8] {
            Array("RIFF".utf8) + [UInt8(chunks.count + 4), 0, 0, 0] + Array("WEBP".utf8) + chunks
        }
        let header = [UInt8](repeating: 0, count: 9)
        let full = file(
            chunk("VP8X", [0x3E] + header) + chunk("ICCP", [1, 2, 3]) + chunk("VP8 ", [7, 8, 9]) + chunk("EXIF", [4])
                + chunk("XMP ", [5, 6])
        )
        #expect(WebPContainer.withoutMetadata(full) == file(chunk("VP8X", [0x12] + header) + chunk("VP8 ", [7, 8, 9])))
        #expect(WebPContainer.withoutMetadata(full.dropLast(1).map(\.self)) == nil)
        #expect(WebPContainer.withoutMetadata([]) == nil)
    }

    @Test("lines are cut wherever the pieces end, and too many bytes are refused")
    func lines() {
        var reader = LineReader()
        #expect(reader.add(Array("ab\ncd".utf8)) == [Array("ab".utf8)])
        #expect(reader.add(Array("e\n\n".utf8)) == [Array("cde".utf8), []])
        var flood = LineReader()
        #expect(flood.add(repeatElement(UInt8(ascii: "x"), count: LineReader.maxLine + 1)) == nil)
    }

    @Test("a flag is raised by hand or by its deadline, and says which")
    func flag() {
        let flag = CancellationFlag()
        #expect(!flag.isRaised && flag.reason == nil)
        flag.cancel()
        #expect(flag.isRaised && flag.reason?.code == .cancelled)
        #expect(CancellationFlag(deadline: 0).reason?.code == .timedOut)
        #expect(!CancellationFlag(deadline: .infinity).isRaised)
        #expect(CancellationFlag(deadline: -5).isRaised)
    }

    @Test("progress is a number between 0 and 1, whatever comes in")
    func progress() {
        #expect(MediaProgress(.nan, .decode).fraction == 0)
        #expect(MediaProgress(-1, .decode).fraction == 0)
        #expect(MediaProgress(.infinity, .decode).fraction == 1)
    }

    @Test("a frame needs as many bytes as its size says")
    func frames() {
        let bytes = [UInt8](repeating: 0, count: 12)
        #expect(PixelFrame(width: 2, height: 2, stride: 6, format: .rgb8, bytes: bytes) != nil)
        #expect(PixelFrame(width: 2, height: 2, stride: 8, format: .rgba8, bytes: bytes) == nil)
        #expect(PixelFrame(width: 0, height: 2, stride: 6, format: .rgb8, bytes: bytes) == nil)
        #expect(PixelFrame(width: 2, height: 2, stride: 5, format: .rgb8, bytes: bytes) == nil)
    }
}
