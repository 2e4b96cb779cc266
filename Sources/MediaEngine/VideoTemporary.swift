// Stands in until the video side is merged, and is deleted then.
enum VideoProbe {
    static func probe(path: String, limits: MediaLimits, cancellation: CancellationFlag) throws -> ProbeReport {
        throw MediaError(.libraryMissing, "This build has no video engine.")
    }
}

enum PosterExtractor {
    static func frame(
        path: String,
        position: PosterPosition,
        limits: MediaLimits,
        cancellation: CancellationFlag,
        progress: (MediaProgress) -> Void
    ) throws -> PixelFrame {
        throw MediaError(.libraryMissing, "This build has no video engine.")
    }
}
