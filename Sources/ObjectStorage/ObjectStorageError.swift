/// Why a storage refused or failed. The message is fit for users: it names no path of the server and no secret.
public struct ObjectStorageError: Error, Sendable {
    /// What went wrong, for programs. New codes may be added: always have a default.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as it appears in logs.
        public let rawValue: String

        /// Makes a code of a storage's own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No object has this key.
        public static let notFound = Code(rawValue: "not_found")
        /// The key breaks a rule of `ObjectKey`, or is reserved by the storage.
        public static let invalidKey = Code(rawValue: "invalid_key")
        /// The key cannot live beside another: with files, `a` and `a/b` exclude each other.
        public static let keyConflict = Code(rawValue: "key_conflict")
        /// The range lies outside the object.
        public static let invalidRange = Code(rawValue: "invalid_range")
        /// The stream ended before, or went on after, the size that was promised.
        public static let sizeMismatch = Code(rawValue: "size_mismatch")
        /// The object is larger than the caller is willing to hold.
        public static let tooLarge = Code(rawValue: "too_large")
        /// The local file to be stored cannot be read.
        public static let unreadableSource = Code(rawValue: "unreadable_source")
        /// No space is left, or the quota is used up.
        public static let storageFull = Code(rawValue: "storage_full")
        /// The storage cannot be used now; the same call may succeed later.
        public static let unavailable = Code(rawValue: "unavailable")
    }

    /// What went wrong, for programs.
    public let code: Code
    /// What went wrong and what to do, for people.
    public let message: String
    /// The object it was about, where there was one.
    public let key: ObjectKey?

    /// Makes an error; `message` must name no path of the server and no secret.
    public init(_ code: Code, _ message: String, key: ObjectKey? = nil) {
        self.code = code
        self.message = message
        self.key = key
    }

    /// Whether the same call may succeed later without a change by the caller.
    public var isRetryable: Bool { code == .unavailable || code == .storageFull }
}

extension ObjectStorageError: CustomStringConvertible {
    /// `code: message (key: …)`
    public var description: String {
        guard let key else { return "\(code.rawValue): \(message)" }
        return "\(code.rawValue): \(message) (key: \(key))"
    }
}
