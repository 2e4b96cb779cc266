import Foundation
import MediaEngine
import MediaPipeline
import ObjectStorage
import TaskCore
import ObjectStorage
import Testing

@Suite("presets")
struct PresetTests {
    @Test("the default makes three JPEGs of quality 80 and a poster")
    func standard() throws {
        let preset = try MediaPresets.standard.preset("default")
        #expect(preset.image.variants.map(\.name) == ["thumb", "medium", "large"])
        #expect(preset.image.variants.map(\.width) == [320, 800, 1600])
        #expect(preset.image.variants.allSatisfy { $0.formats == [.jpeg] && ($0.quality ?? 80) == 80 })
        #expect(preset.poster.image.variants.map(\.name) == ["poster"])
    }

    @Test("everything that can be written is read, and written again the same")
    func roundTrip() throws {
        let json = """
            {
              "shop": {
                "variants": [
                  {"name": "card", "width": 640, "height": 360, "fit": "cover", "crop": "attention", "formats": ["webp", "avif"],
                   "quality": 70, "background": "#ff8000", "sharpen": 0.5, "allowsUpscaling": true},
                  {"name": "face", "width": 100, "height": 100, "fit": "cover", "crop": {"x": 0.3, "y": 0.5}, "animation": {"maxFrames": 30}}
                ],
                "placeholder": "data-url 16",
                "poster": {"at": "10 %", "variants": [{"name": "poster", "width": 1280}], "placeholder": "none"}
              }
            }
            """
        let presets = try MediaPresets(json: Array(json.utf8))
        let shop = try presets.preset("shop")
        let card = shop.image.variants[0]
        #expect(card.crop == .attention)
        #expect(card.background == ImageVariant.Color(red: 255, green: 128, blue: 0))
        #expect(card.allowsUpscaling)
        #expect(shop.image.variants[1].crop == .focalPoint(x: 0.3, y: 0.5))
        #expect(shop.image.variants[1].animation == .keep(maxFrames: 30))
        #expect(shop.image.placeholder == .dataURL(size: 16))
        #expect(shop.poster.position == .percent(10))
        #expect(shop.poster.image.placeholder == nil)
        #expect(try presets.preset("default") == MediaPresets.standard.preset("default"))
        let again = try JSONDecoder().decode(MediaPresets.self, from: JSONEncoder().encode(presets))
        #expect(again == presets)
        let alone = try JSONDecoder().decode(MediaPreset.self, from: JSONEncoder().encode(shop))
        #expect(alone == shop)
        #expect(alone.digest == shop.digest)
    }

    @Test(
        "positions of posters are read and written",
        arguments: [
            ("best", PosterPosition.best), ("cover", .coverArt), ("2.5 s", .seconds(2.5)), ("50.0 %", .percent(50)),
            ("keyframe 3.0 s", .keyframe(near: 3)),
        ]
    )
    func positions(text: String, position: PosterPosition) throws {
        let presets = try MediaPresets(json: Array(#"{"a": {"poster": {"at": "\#(text)"}}}"#.utf8))
        #expect(try presets.preset("a").poster.position == position)
    }

    @Test(
        "what is misspelt or senseless is refused, and the message says where",
        arguments: [
            (#"{"a": {"variants": [{"name": "x", "widht": 3}]}}"#, "widht"),
            (#"{"a": {"variants": [{"width": 3}]}}"#, "name"),
            (#"{"a": {"variants": [{"name": "x", "crop": "north-ish"}]}}"#, "north-ish"),
            (#"{"a": {"variants": []}}"#, "no variants"),
            (#"{"a": {"variants": [{"name": "../x"}]}}"#, "letters"),
            (#"{"a": {"poster": {"at": "soon"}}}"#, "soon"),
            (#"{"a": {"placeholder": "blurhash 40x3"}}"#, "BlurHash"),
            (#"{"a": "#, "not JSON"),
        ]
    )
    func refused(json: String, word: String) {
        #expect { try MediaPresets(json: Array(json.utf8)) } throws: { error in
            let error = error as? TaskError
            return error?.code == .invalidInput && error?.message.contains(word) == true
        }
    }

    @Test("an unknown name is answered with the names there are")
    func unknown() {
        #expect { try MediaPresets.standard.preset("huge") } throws: {
            ($0 as? TaskError)?.message.contains("'default'") == true
        }
    }

    @Test(
        "a folder's name holds nothing that leads elsewhere",
        arguments: ["../../x", ".hidden", "", "a/b", "a\u{0}b\n", "…"]
    )
    func folders(label: String) throws {
        let source = MediaSource(key: try .init("k"), sha256: "00")
        let folder = OutputFolder(label: label, source: source, preset: .tiny)
        #expect(!folder.prefix.contains("/"))
        #expect(!folder.prefix.hasPrefix("."))
        #expect(!folder.prefix.unicodeScalars.contains { $0.value < 0x20 })
        #expect(folder.prefix.hasSuffix("-" + folder.id))
    }
}
