/// Why a media job failed: a code to branch on, and a sentence for the person who sent the file.
///
/// `message` never holds a path, an address or a secret, so it may be shown to whoever uploaded the file.
public struct MediaError: Error, Codable, Sendable, Equatable {
    /// What kind of failure it was. New codes may be added: switch with a default.
    public struct Code: RawRepresentable, Codable, Sendable, Hashable {
        /// The code as stored and sent.
        public var rawValue: String

        /// A code from its stored form.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// What kind of failure it was.
    public var code: Code
    /// One or two sentences: what was wrong and, where something can be done, what to do.
    public var message: String
    /// True when the same job on the same bytes must fail again, so that a retry is pointless.
    public var isPermanent: Bool

    /// Makes an error; `isPermanent` follows from the code where it is not given.
    public init(_ code: Code, _ message: String, isPermanent: Bool? = nil) {
        self.code = code
        self.message = message
        self.isPermanent = isPermanent ?? Code.permanent.contains(code)
    }
}

extension MediaError.Code {
    /// The bytes are not a whole, valid file of their format.
    public static let corruptInput = Self(rawValue: "corruptInput")
    /// The bytes are of a format, or use a codec, that is not decoded here.
    public static let unsupportedFormat = Self(rawValue: "unsupportedFormat")
    /// More pixels, frames, streams or seconds than the limits allow; found in the header, before decoding.
    public static let tooLarge = Self(rawValue: "tooLarge")
    /// The work used up a limit while it ran: memory, processor time, output size.
    public static let limitExceeded = Self(rawValue: "limitExceeded")
    /// The input asked for what is refused: another file, a network address, a blocked format.
    public static let notAllowed = Self(rawValue: "notAllowed")
    /// The job itself makes no sense: an empty preset, a name with a slash, a quality of 300.
    public static let invalidJob = Self(rawValue: "invalidJob")
    /// The input holds nothing of the kind that was asked for, such as a poster of a file without video.
    public static let nothingToDo = Self(rawValue: "nothingToDo")
    /// The caller cancelled.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The job's deadline passed.
    public static let timedOut = Self(rawValue: "timedOut")
    /// The decoding process died.
    public static let engineCrashed = Self(rawValue: "engineCrashed")
    /// The decoding process could not be started or spoken to.
    public static let engineUnavailable = Self(rawValue: "engineUnavailable")
    /// The input file could not be opened or read.
    public static let inputUnreadable = Self(rawValue: "inputUnreadable")
    /// The output could not be written.
    public static let outputFailed = Self(rawValue: "outputFailed")
    /// This build has no libvips or no FFmpeg; the message names the package to install.
    public static let libraryMissing = Self(rawValue: "libraryMissing")
    /// The library refused in a way that has no better code.
    public static let engineFailed = Self(rawValue: "engineFailed")

    /// The codes that a retry cannot change.
    static let permanent: Set<Self> = [
        .corruptInput, .unsupportedFormat, .tooLarge, .limitExceeded, .notAllowed, .invalidJob, .nothingToDo,
    ]
}

extension MediaError: CustomStringConvertible {
    /// `code: message`
    public var description: String { "\(code.rawValue): \(message)" }
}
