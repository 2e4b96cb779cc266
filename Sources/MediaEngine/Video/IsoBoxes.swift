/// The outermost boxes of an MP4 or QuickTime file, for telling a cut file from a broken one: FFmpeg says the same of both,
/// and nothing of a file whose pictures are missing while its index is whole.
struct IsoBoxes {
    /// A readable reason why the file cannot be whole; nil when its boxes add up, or when it has none.
    static func flaw(in file: MediaFile) -> String? {
        flaw(size: file.size) { file.bytes(at: $0, count: $1) }
    }

    /// The same, of any bytes. Looks at 1024 boxes at most, 16 bytes each.
    static func flaw(size: Int, read: (_ offset: Int, _ count: Int) -> [UInt8]) -> String? {
        var offset = 0
        var hasIndex = false
        for _ in 0..<1024 {
            let header = read(offset, 16)
            guard header.count >= 8 else { break }
            let type = header[4..<8]
            if offset == 0, !firstTypes.contains(where: { $0.elementsEqual(type) }) { return nil }
            hasIndex = hasIndex || isIndex(type)
            guard let length = length(header, rest: size - offset) else { break }
            if length > size - offset, let part = partName(type) {
                return isIndex(type) || hasIndex
                    ? "The file ends before the end of its \(part): it is truncated."
                    : "The file ends before its index (moov): it is truncated."
            }
            if length >= size - offset { break }
            offset += length
        }
        return hasIndex ? nil : "The file has no index (moov): its recording or upload was not finished."
    }

    private static let firstTypes = ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "moof"].map {
        Array($0.utf8)
    }

    private static func isIndex(_ type: ArraySlice<UInt8>) -> Bool {
        type.elementsEqual("moov".utf8) || type.elementsEqual("moof".utf8)
    }

    private static func partName(_ type: ArraySlice<UInt8>) -> String? {
        if isIndex(type) { return "index (moov)" }
        return type.elementsEqual("mdat".utf8) ? "media data (mdat)" : nil
    }

    /// Bytes of a box with this header; nil when the header makes no sense.
    private static func length(_ header: [UInt8], rest: Int) -> Int? {
        func number(_ range: Range<Int>) -> UInt64 { header[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let short = number(0..<4)
        if short == 0 { return rest }
        if short > 1 { return short >= 8 ? Int(short) : nil }
        guard header.count == 16 else { return nil }
        let long = number(8..<16)
        return long >= 16 ? Int(clamping: long) : nil
    }
}
