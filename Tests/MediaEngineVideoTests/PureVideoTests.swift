import Testing

@testable import MediaEngine

struct DisplayGeometryTests {
    private let one: Int32 = 65536

    @Test("the eight ways of turning and mirroring put each corner where it belongs")
    func corners() {
        // A picture of 3 × 2 pixels of one byte: 1 2 3 over 4 5 6.
        let source: [UInt8] = [1, 2, 3, 0, 4, 5, 6, 0]
        let cases: [(matrix: [Int32], expected: [UInt8], rotation: Int)] = [
            ([one, 0, 0, 0, one, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6], 0),
            ([0, one, 0, -one, 0, 0, 0, 0, 0], [4, 1, 5, 2, 6, 3], 90),
            ([-one, 0, 0, 0, -one, 0, 0, 0, 0], [6, 5, 4, 3, 2, 1], 180),
            ([0, -one, 0, one, 0, 0, 0, 0, 0], [3, 6, 2, 5, 1, 4], 270),
            ([-one, 0, 0, 0, one, 0, 0, 0, 0], [3, 2, 1, 6, 5, 4], 180),
            ([one, 0, 0, 0, -one, 0, 0, 0, 0], [4, 5, 6, 1, 2, 3], 0),
            ([0, one, 0, one, 0, 0, 0, 0, 0], [1, 4, 2, 5, 3, 6], 90),
            ([0, -one, 0, -one, 0, 0, 0, 0, 0], [6, 3, 5, 2, 4, 1], 270),
        ]
        for (matrix, expected, rotation) in cases {
            let geometry = DisplayGeometry(matrix: matrix, aspectNumerator: 0, aspectDenominator: 1)
            #expect(geometry.rotation == rotation)
            let turned = geometry.apply(to: source, width: 3, height: 2, stride: 4, bytesPerPixel: 1)
            #expect(turned == expected, "\(matrix)")
        }
    }

    @Test("nonsense in the header leaves the picture as it is")
    func nonsense() {
        for matrix in [nil, [], Array(repeating: 0, count: 9)] as [[Int32]?] {
            for (numerator, denominator) in [(0, 0), (-1, 1), (1, 0), (1, 17), (17, 1), (.max, 1)] as [(Int32, Int32)] {
                let geometry = DisplayGeometry(
                    matrix: matrix,
                    aspectNumerator: numerator,
                    aspectDenominator: denominator
                )
                #expect(geometry == DisplayGeometry())
            }
        }
        let extremes = DisplayGeometry(
            matrix: Array(repeating: .min, count: 9),
            aspectNumerator: 16,
            aspectDenominator: 1
        )
        #expect(extremes.displaySize(width: 10, height: 10) == (160, 10))
        #expect(DisplayGeometry().apply(to: [1], width: 2, height: 2, stride: 2, bytesPerPixel: 1).isEmpty)
    }
}

struct FrameScoreTests {
    private func score(_ pixel: (_ x: Int, _ y: Int) -> Int) -> Double {
        let pixels = (0..<64 * 64).map { UInt8(clamping: pixel($0 % 64, $0 / 64)) }
        return FrameScore.score(pixels, width: 64, height: 64, stride: 64)
    }

    @Test("black, white and flat pictures score nothing")
    func empty() {
        #expect(score { _, _ in 0 } == 0)
        #expect(score { _, _ in 255 } == 0)
        #expect(score { _, _ in 128 } == 0)
        #expect(FrameScore.score([1, 2, 3, 4], width: 2, height: 2, stride: 2) == 0)
        #expect(FrameScore.score([], width: 64, height: 64, stride: 64) == 0)
    }

    @Test("sharp beats blurred, bright enough beats dark, contrast beats haze")
    func order() {
        let sharp = score { x, y in (x / 4 + y / 4) % 2 == 0 ? 60 : 200 }
        let blurred = score { x, y in 130 + (abs(x % 32 - 16) + abs(y % 32 - 16)) * 4 - 64 }
        let dark = score { x, y in (x / 4 + y / 4) % 2 == 0 ? 0 : 30 }
        let hazy = score { x, y in (x / 4 + y / 4) % 2 == 0 ? 120 : 140 }
        #expect(sharp > blurred)
        #expect(sharp > dark)
        #expect(sharp > hazy)
        #expect(blurred > 0)
        #expect(sharp <= 1)
    }
}

struct IsoBoxesTests {
    private func box(_ type: String, _ payload: Int, size: UInt32? = nil) -> [UInt8] {
        let length = size ?? UInt32(payload + 8)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + Array(type.utf8)
            + Array(repeating: 7, count: payload)
    }

    private func flaw(_ bytes: [UInt8]) -> String? {
        IsoBoxes.flaw(size: bytes.count) { Array(bytes.dropFirst($0).prefix($1)) }
    }

    @Test("a whole file has no flaw, wherever its index is")
    func whole() {
        #expect(flaw(box("ftyp", 16) + box("moov", 90) + box("mdat", 50)) == nil)
        #expect(flaw(box("ftyp", 16) + box("mdat", 50) + box("moov", 90)) == nil)
        #expect(flaw(box("ftyp", 16) + box("moov", 90) + box("mdat", 50, size: 0)) == nil)
        #expect(flaw(box("ftyp", 16) + box("moov", 90) + box("mdat", 50) + [1, 2, 3]) == nil)
        #expect(flaw(box("ftyp", 16) + box("moov", 90) + box("free", 5, size: 4000)) == nil)
    }

    @Test("a cut file is told from one that was never finished")
    func cut() {
        let early = flaw(box("ftyp", 16) + box("mdat", 50, size: 9000))
        #expect(early == "The file ends before its index (moov): it is truncated.")
        let late = flaw(box("ftyp", 16) + box("moov", 90) + box("mdat", 50, size: 9000))
        #expect(late == "The file ends before the end of its media data (mdat): it is truncated.")
        let inside = flaw(box("ftyp", 16) + box("moov", 90, size: 9000))
        #expect(inside == "The file ends before the end of its index (moov): it is truncated.")
        #expect(flaw(box("ftyp", 16) + box("mdat", 50))?.contains("not finished") == true)
    }

    @Test("other formats and nonsense are not judged, and end")
    func nonsense() {
        #expect(flaw([]) != nil)
        #expect(flaw(Array("RIFF....AVI LIST".utf8)) == nil)
        let long = box("ftyp", 16) + box("mdat", 8, size: 1)
        #expect(flaw(long) != nil)
        #expect(flaw(Array(repeating: box("free", 0), count: 5000).flatMap { $0 }) != nil)
    }
}

struct HighDynamicRangeTests {
    @Test("the curves hit the published points")
    func curves() {
        // ST 2084: 0.5807 is 203 cd/m², 1 is 10 000. BT.2100: 0.75 is 203 cd/m² on a display of 1000.
        #expect(abs(HighDynamicRange.hdr10.light(0.5807) - 1) < 0.01)
        #expect(abs(HighDynamicRange.hdr10.light(1) - 10_000 / 203) < 0.01)
        #expect(HighDynamicRange.hdr10.light(0) == 0)
        #expect(abs(HighDynamicRange.hlg.light(0.75) - 1) < 0.03)
        #expect(abs(HighDynamicRange.hlg.light(1) - 1000 / 203) < 0.01)
    }

    @Test("brighter stays brighter, and black stays black")
    func monotone() throws {
        let ramp = (0..<256).flatMap { Array(repeating: UInt16($0 * 257), count: 3) }
        for range in [HighDynamicRange.hdr10, .hlg] {
            let mapped = range.toneMap(ramp, width: 256, height: 1, stride: 768, isWideGamut: true)
            let grays = (0..<256).map { mapped[$0 * 3 + 1] }
            #expect(grays.first == 0)
            #expect(grays == grays.sorted())
            #expect(try #require(grays.last) > 240)
        }
    }
}
