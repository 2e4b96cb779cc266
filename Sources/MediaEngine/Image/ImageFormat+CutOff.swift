extension ImageFormat {
    /// True when the file's end shows that something is missing: an end mark, or bytes that the header announces.
    ///
    /// Only asked about files that failed to decode, to tell people why; trailing rubbish makes the answer false.
    ///
    /// - Parameters:
    ///   - start: at least the first 16 bytes.
    ///   - end: the last 64 bytes, or all where there are fewer.
    ///   - size: the file's bytes.
    func isCutOff(start: [UInt8], end: [UInt8], size: Int) -> Bool {
        switch self {
        case .jpeg:
            // Padding after the end mark is common.
            return !zip(end, end.dropFirst()).contains { $0 == 0xFF && $1 == 0xD9 }
        case .png:
            return !end.suffix(12).elementsEqual([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
        case .gif:
            return end.last != 0x3B
        case .webp:
            guard start.count >= 8 else { return true }
            let announced = start[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            return announced + 8 > size
        case .tiff, .heif:
            return false
        }
    }
}
