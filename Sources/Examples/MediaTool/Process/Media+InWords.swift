import MediaEngine
import MediaPipeline

extension ProbeReport {
    /// `0:55, 1280×720, h264 + aac`
    var inWords: String {
        var parts: [String] = []
        if let duration { parts.append(Format.clock(duration)) }
        if let displayWidth, let displayHeight { parts.append("\(displayWidth)×\(displayHeight)") }
        let codecs = [mainVideo?.codec, audio.first?.codec].compactMap(\.self)
        if !codecs.isEmpty { parts.append(codecs.joined(separator: " + ")) }
        if audio.count > 1 { parts.append("\(audio.count) sound tracks") }
        return parts.joined(separator: ", ")
    }
}

extension MediaPreset {
    /// The same with a piece of music's cover in place of a frame, and called so.
    var ofCoverArt: MediaPreset {
        var preset = self
        preset.poster.position = .coverArt
        for index in preset.poster.image.variants.indices where preset.poster.image.variants[index].name == "poster" {
            preset.poster.image.variants[index].name = "cover"
        }
        return preset
    }
}
