extension MediaInput {
    /// Seconds that the tracks last by their packets, for files that do not say; nil when even those have no times.
    ///
    /// Reads the file through, and leaves it at its end. Nothing is read of a file of more than `byteLimit` bytes.
    func measuredDuration(byteLimit: Int) throws(MediaError) -> Double? {
        guard file.size <= byteLimit else { return nil }
        let input = try reopened()
        let packet = try MediaPacket()
        var latest: Double?
        while try input.read(into: packet) {
            guard let end = packet.end(in: input) else { continue }
            latest = max(latest ?? 0, end)
        }
        return latest
    }
}
