extension MediaLimits {
    // Not private: Swift 6.3.1 crashes when the synthesised `encode` in another file uses private keys.
    enum CodingKeys: String, CodingKey {
        case maxPixels, maxProgressivePixels, maxFrames, maxImageBytes, maxStreams, maxVideoPixels, maxDuration
        case maxOutputBytes, deadline, childMemoryBytes, childProcessorSeconds, allowHEIF
    }

    /// Decodes limits; what is missing is at its default.
    public init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func take<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
            value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
        }
        try take(.maxPixels, into: &maxPixels)
        try take(.maxProgressivePixels, into: &maxProgressivePixels)
        try take(.maxFrames, into: &maxFrames)
        try take(.maxImageBytes, into: &maxImageBytes)
        try take(.maxStreams, into: &maxStreams)
        try take(.maxVideoPixels, into: &maxVideoPixels)
        try take(.maxDuration, into: &maxDuration)
        try take(.maxOutputBytes, into: &maxOutputBytes)
        try take(.deadline, into: &deadline)
        try take(.childMemoryBytes, into: &childMemoryBytes)
        try take(.childProcessorSeconds, into: &childProcessorSeconds)
        try take(.allowHEIF, into: &allowHEIF)
    }
}
