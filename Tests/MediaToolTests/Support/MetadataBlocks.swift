/// The blocks of metadata in an image file, found by walking its container: nothing is decoded and no text searched for.
///
/// Blocks that describe the picture itself (JFIF, Adobe's colour transform, an animation) are not metadata.
struct MetadataBlocks {
    /// What was found: `exif`, `xmp`, `icc`, `text` or the block's own name.
    private(set) var names: [String] = []
    /// Whether the container is one of those known here and was walked to its end or its pixels.
    private(set) var isImage = false
    private let bytes: [UInt8]

    init(in bytes: [UInt8]) {
        self.bytes = bytes
        if text(1, 3) == "PNG" {
            walkPNG()
        } else if bytes.starts(with: [0xFF, 0xD8]) {
            walkJPEG()
        } else if text(0, 4) == "RIFF", text(8, 4) == "WEBP" {
            walkWebP()
        } else if text(4, 4) == "ftyp" {
            walkBoxes(0..<bytes.count)
            isImage = true
        }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    private mutating func walkJPEG() {
        var at = 2
        while at + 4 <= bytes.count, bytes[at] == 0xFF {
            let marker = bytes[at + 1]
            if marker == 0xDA {
                isImage = true
                return
            }
            let isAdobeColour = marker == 0xEE && text(at + 4, 5) == "Adobe"
            if marker == 0xFE || (0xE1...0xEF).contains(marker) && !isAdobeColour {
                names.append(text(at + 4, 4) == "Exif" ? "exif" : "marker \(marker)")
            }
            at += 2 + number(at + 2, 2)
        }
    }

    private mutating func walkPNG() {
        var at = 8
        while at + 12 <= bytes.count {
            let name = text(at + 4, 4)
            switch name {
            case "eXIf": names.append("exif")
            case "iCCP": names.append("icc")
            case "tEXt", "zTXt", "iTXt", "tIME": names.append("text")
            default: break
            }
            at += 12 + number(at, 4)
            if name == "IEND" { isImage = true }
        }
    }

    private mutating func walkWebP() {
        var at = 12
        while at + 8 <= bytes.count {
            let name = text(at, 4)
            switch name {
            case "EXIF": names.append("exif")
            case "XMP ": names.append("xmp")
            case "ICCP": names.append("icc")
            case "VP8 ", "VP8L", "ANMF": isImage = true
            default: break
            }
            let size = (0..<4).reduce(0) { $0 | Int(bytes[at + 4 + $1]) << (8 * $1) }
            at += 8 + size + size % 2
        }
    }

    /// HEIF: metadata are items of their own, named in `meta/iinf/infe`.
    private mutating func walkBoxes(_ range: Range<Int>) {
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            let size = number(at, 4)
            let end = size < 8 ? range.upperBound : min(at + size, range.upperBound)
            switch text(at + 4, 4) {
            case "meta": walkBoxes(at + 12..<end)
            case "iinf": walkBoxes(at + (bytes[at + 8] == 0 ? 14 : 16)..<end)
            case "infe":
                let type = text(at + (bytes[at + 8] < 3 ? 16 : 18), 4)
                if type == "Exif" { names.append("exif") }
                if type == "mime" { names.append("xmp") }
            default: break
            }
            at = end
        }
    }

    private func text(_ at: Int, _ count: Int) -> String {
        at + count <= bytes.count ? String(decoding: bytes[at..<at + count], as: UTF8.self) : ""
    }

    private func number(_ at: Int, _ count: Int) -> Int {
        at + count <= bytes.count ? bytes[at..<at + count].reduce(0) { $0 << 8 | Int($1) } : 0
    }
}
