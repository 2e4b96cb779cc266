/// What the parent writes to the child's standard input, as one JSON document, before closing it.
struct ChildRequest: Codable, Sendable {
    /// The job.
    var job: MediaJob
    /// The existing directory for the job's files; nil for jobs that write none.
    var directory: String?
    /// What the job may use.
    var limits: MediaLimits
    /// Threads that one computation on an image may use.
    var threads: Int
    /// The parent's process identifier.
    var parent: Int32
}

/// One line of JSON on the child's standard output: any number of `progress`, then one of the others.
enum ChildMessage: Codable, Sendable {
    case progress(MediaProgress)
    case result(MediaResult)
    case failure(MediaError)
}

/// How the child ends, beside dying of a signal.
enum ChildStatus {
    /// The last line is a result.
    static let done: Int32 = 0
    /// The last line is a failure.
    static let failed: Int32 = 1
    /// The request could not be read, or standard output not be written.
    static let badRequest: Int32 = 64
    /// The sandbox could not be set up; nothing was decoded.
    static let noSandbox: Int32 = 69
    /// Memory was used up.
    static let outOfMemory: Int32 = 71
}
