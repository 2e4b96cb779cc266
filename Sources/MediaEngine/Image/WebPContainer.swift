/// The chunks of a WebP file ([RFC 9649](https://www.rfc-editor.org/rfc/rfc9649#name-riff-file-format)).
enum WebPContainer {
    /// The file without EXIF, XMP and colour profile; nil when the bytes are no well-formed WebP.
    ///
    /// libvips 8.14 writes an EXIF block even when it is told to strip, and copies one into it where the image has one.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8]? {
        guard file.count >= 12, tag(file, at: 0) == "RIFF", tag(file, at: 8) == "WEBP" else { return nil }
        var kept = Array(file[..<12])
        var offset = 12
        while offset + 8 <= file.count {
            let name = tag(file, at: offset)
            let length = Int(number(file, at: offset + 4))
            let next = offset + 8 + length + length % 2
            guard offset + 8 + length <= file.count else { return nil }
            if !["EXIF", "XMP ", "ICCP"].contains(name) {
                let start = kept.count
                kept += file[offset..<min(next, file.count)]
                // The extended header announces the chunks that are dropped: profile 0x20, EXIF 0x08, XMP 0x04.
                if name == "VP8X", length >= 1 { kept[start + 8] &= ~0x2C }
            }
            offset = next
        }
        guard let size = UInt32(exactly: kept.count - 8) else { return nil }
        for byte in 0..<4 { kept[4 + byte] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(byte))) }
        return kept
    }

    private static func tag(_ file: [UInt8], at offset: Int) -> String {
        String(decoding: file[offset..<offset + 4], as: UTF8.self)
    }

    private static func number(_ file: [UInt8], at offset: Int) -> UInt32 {
        file[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
