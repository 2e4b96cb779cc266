/// What one job may use. The defaults suit uploads from strangers, on a small server.
///
/// Sizes are checked in the header, before anything is decoded. Memory and processor time are enforced by the kernel when
/// the engine runs in a child process; in process they cannot be.
public struct MediaLimits: Codable, Sendable, Equatable {
    /// Most pixels of an image: width × height × frames, so an animation counts as a whole. Default 50 million.
    public var maxPixels = 50_000_000
    /// Most pixels of a progressive JPEG, whose decoder holds every coefficient (6–8 bytes a pixel) at once.
    /// Default 30 million.
    public var maxProgressivePixels = 30_000_000
    /// Most frames of an animation that are looked at. Default 1 000.
    public var maxFrames = 1_000
    /// Most bytes of an image file, which is read as a whole. Default 128 MiB.
    public var maxImageBytes = 128 << 20
    /// Most streams (tracks) of a container. Default 64.
    public var maxStreams = 64
    /// Most pixels of one video frame. Default 36 million (8K UHD is 33.2 million).
    public var maxVideoPixels = 36_000_000
    /// Longest video or audio accepted, in seconds. Default 24 hours.
    public var maxDuration = 86_400.0
    /// Most bytes that one job may write. Default 1 GiB.
    public var maxOutputBytes = 1 << 30
    /// Seconds from the start of the job until it is stopped. Default 120.
    public var deadline = 120.0
    /// Most bytes of private memory (heap, stacks) of a child process. Default 590 MiB: with the shared libraries a
    /// process then stays under 700 MB resident.
    public var childMemoryBytes = 590 << 20
    /// Most seconds of processor time of a child process. Default 240.
    public var childProcessorSeconds = 240
    /// Decode HEIC and AVIF input. Off by default: their decoders are the least hardened ones.
    public var allowHEIF = false

    /// The defaults.
    public init() {}
}
