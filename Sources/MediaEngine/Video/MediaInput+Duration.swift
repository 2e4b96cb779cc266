extension MediaInput {
    /// Seconds that the tracks last by their packets, for files that do not say; nil when even those have no times.
    ///
    /// Reads on to the end of the file, so call it before anything else is read, and nothing after. Of a file of more than
    /// `byteLimit` bytes nothing is read.
    func measuredDuration(byteLimit: Int) throws(MediaError) -> Double? {
        guard file.size <= byteLimit else { return nil }
        let packet = try MediaPacket()
        var latest: Double?
        while try read(into: packet) {
            guard let end = packet.end(in: self) else { continue }
            latest = max(latest ?? 0, end)
        }
        return latest
    }
}
