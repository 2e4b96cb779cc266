import Testing

@testable import MediaEngine

@Suite struct VariantGeometryTests {
    struct Case: Sendable {
        var fit: ImageVariant.Fit
        var box: (Int?, Int?)
        var source: (Int, Int)
        var upscaling = false
        var scaled: (Int, Int)
        var size: (Int, Int)
    }

    static let cases = [
        Case(fit: .inside, box: (320, 320), source: (4000, 3000), scaled: (320, 240), size: (320, 240)),
        Case(fit: .inside, box: (320, 320), source: (3000, 4000), scaled: (240, 320), size: (240, 320)),
        Case(fit: .inside, box: (320, nil), source: (3000, 4000), scaled: (320, 427), size: (320, 427)),
        Case(fit: .inside, box: (nil, nil), source: (30, 40), scaled: (30, 40), size: (30, 40)),
        Case(fit: .inside, box: (320, 320), source: (100, 50), scaled: (100, 50), size: (100, 50)),
        Case(fit: .inside, box: (320, 320), source: (100, 50), upscaling: true, scaled: (320, 160), size: (320, 160)),
        Case(fit: .inside, box: (320, 320), source: (10000, 1), scaled: (320, 1), size: (320, 1)),
        Case(fit: .outside, box: (320, 320), source: (4000, 3000), scaled: (427, 320), size: (427, 320)),
        Case(fit: .cover, box: (300, 300), source: (4000, 3000), scaled: (400, 300), size: (300, 300)),
        Case(fit: .cover, box: (300, nil), source: (4000, 3000), scaled: (300, 225), size: (300, 225)),
        Case(fit: .cover, box: (300, 300), source: (200, 100), scaled: (200, 100), size: (100, 100)),
        Case(fit: .cover, box: (300, 300), source: (200, 100), upscaling: true, scaled: (600, 300), size: (300, 300)),
        Case(fit: .contain, box: (300, 300), source: (4000, 3000), scaled: (300, 225), size: (300, 300)),
        Case(fit: .contain, box: (300, 300), source: (200, 100), scaled: (200, 100), size: (300, 300)),
        Case(fit: .fill, box: (300, 200), source: (4000, 4000), scaled: (300, 200), size: (300, 200)),
        Case(fit: .fill, box: (300, 200), source: (100, 4000), scaled: (100, 200), size: (100, 200)),
        Case(fit: .fill, box: (300, 200), source: (10, 10), upscaling: true, scaled: (300, 200), size: (300, 200)),
    ]

    @Test("every fit leads to its sizes", arguments: cases.indices)
    func fit(index: Int) {
        let item = Self.cases[index]
        let variant = ImageVariant(
            "v",
            width: item.box.0,
            height: item.box.1,
            fit: item.fit,
            allowsUpscaling: item.upscaling
        )
        let geometry = VariantGeometry(variant, sourceWidth: item.source.0, sourceHeight: item.source.1)
        #expect((geometry.scaledWidth, geometry.scaledHeight) == item.scaled)
        #expect((geometry.width, geometry.height) == item.size)
    }

    @Test("a crop never leaves the image, wherever the focal point lies")
    func focalPoint() {
        let variant = ImageVariant("v", width: 100, height: 100, fit: .cover)
        let geometry = VariantGeometry(variant, sourceWidth: 400, sourceHeight: 100)
        #expect(geometry.fixedArea(.focalPoint(x: 0, y: 0))?.left == 0)
        #expect(geometry.fixedArea(.focalPoint(x: 0.5, y: 0))?.left == 150)
        #expect(geometry.fixedArea(.focalPoint(x: 1, y: 1))?.left == 300)
        #expect(geometry.fixedArea(.gravity(.west))?.left == 0)
        #expect(geometry.fixedArea(.gravity(.southEast))?.left == 300)
        #expect(geometry.fixedArea(.attention) == nil)
    }
}
