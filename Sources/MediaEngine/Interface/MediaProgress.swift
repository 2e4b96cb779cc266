/// How far a job is.
public struct MediaProgress: Codable, Sendable, Equatable {
    /// A part of the work, such as `decode`. New ones may be added.
    public struct Phase: RawRepresentable, Codable, Sendable, Hashable {
        /// The phase as stored and sent.
        public var rawValue: String

        /// A phase from its stored form.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Opening the input and reading its header.
        public static let inspect = Self(rawValue: "inspect")
        /// Finding and decoding pixels.
        public static let decode = Self(rawValue: "decode")
        /// Scaling and encoding outputs.
        public static let render = Self(rawValue: "render")
        /// Putting outputs into place.
        public static let commit = Self(rawValue: "commit")
    }

    /// How much of the whole job is done, 0…1.
    public var fraction: Double
    /// What is being done.
    public var phase: Phase
    /// A short text for a person.
    public var message: String
    /// Media seconds worked off per second, where the work has such a speed.
    public var speed: Double?
    /// Estimated seconds until the job is done, where there is an estimate.
    public var secondsLeft: Double?

    /// Makes a report; `fraction` is clamped to 0…1, and a NaN counts as 0.
    public init(
        _ fraction: Double,
        _ phase: Phase,
        _ message: String = "",
        speed: Double? = nil,
        secondsLeft: Double? = nil
    ) {
        self.fraction = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
        self.phase = phase
        self.message = message
        self.speed = speed
        self.secondsLeft = secondsLeft
    }
}
