/// Cuts a stream of bytes into lines, and refuses what no honest child sends.
struct LineReader {
    /// Most bytes of one line.
    static let maxLine = 4 << 20
    /// Most bytes altogether.
    static let maxTotal = 64 << 20

    private var line: [UInt8] = []
    private var total = 0

    /// Adds bytes and returns the lines they complete; nil when there were too many.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        for byte in bytes {
            total += 1
            guard total <= Self.maxTotal, line.count < Self.maxLine else { return nil }
            if byte == UInt8(ascii: "\n") {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        return lines
    }
}
