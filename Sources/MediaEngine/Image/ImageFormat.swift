/// An input format, told by the file's first bytes: neither its name nor what the sender claims counts.
enum ImageFormat: String, Sendable, CaseIterable {
    case jpeg, png, webp, gif, tiff, heif

    /// How many bytes `init(sniffing:)` wants to see.
    static let sniffLength = 64

    /// The format whose signature the bytes start with; nil for any other.
    init?(sniffing bytes: [UInt8]) {
        func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + signature.count && Array(bytes[offset..<offset + signature.count]) == signature
        }
        func has(_ text: String, at offset: Int = 0) -> Bool { has(Array(text.utf8), at: offset) }

        if has([0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has("RIFF"), has("WEBP", at: 8) {
            self = .webp
        } else if has("GIF87a") || has("GIF89a") {
            self = .gif
        } else if has([0x49, 0x49, 0x2A, 0x00]) || has([0x4D, 0x4D, 0x00, 0x2A]) || has([0x49, 0x49, 0x2B, 0x00])
            || has([0x4D, 0x4D, 0x00, 0x2B])
        {
            self = .tiff
        } else if has("ftyp", at: 4), Self.heifBrands.contains(where: { has($0, at: 8) }) {
            self = .heif
        } else {
            return nil
        }
    }

    /// The format's name as people write it.
    var label: String { self == .webp ? "WebP" : rawValue.uppercased() }

    /// True for formats whose pages are frames of an animation (a TIFF's pages are not).
    var isAnimated: Bool { self == .gif || self == .webp }

    private static let heifBrands = ["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis"]
}
