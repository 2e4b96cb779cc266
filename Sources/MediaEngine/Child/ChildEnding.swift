internal import Subprocess
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// All that is known about a child that ended, and what follows from it.
struct ChildEnding: Sendable {
    /// The last word on standard output.
    enum Last: Sendable {
        case message(ChildMessage)
        /// Something no honest child sends.
        case nonsense

        var isNonsense: Bool {
            if case .nonsense = self { true } else { false }
        }
    }

    /// One thing learnt while it ran.
    enum Part: Sendable {
        case last(Last?)
        case complaints(String)
        case overdue
    }

    /// The last message that is not progress.
    var last: Last?
    /// The start of standard error. Never shown: it may hold paths.
    var complaints = ""
    /// True when it was killed for outliving its deadline.
    var isOverdue = false
    /// How the process ended.
    var status = TerminationStatus.exited(0)

    /// The result, if the child says so and ended well; only the two together count.
    func result() throws(MediaError) -> MediaResult {
        if isOverdue { throw MediaError(.timedOut, "The work took longer than its deadline allows.") }
        switch (status, last) {
        case (.exited(ChildStatus.done), .message(.result(let result))): return result
        case (.exited(ChildStatus.failed), .message(.failure(let error))): throw error
        case (.exited(ChildStatus.noSandbox), .message(.failure(let error))): throw error
        case (.exited(ChildStatus.outOfMemory), _): throw VipsText.outOfMemory
        case (.exited(127), _), (.exited(ChildStatus.badRequest), _):
            throw MediaError(
                .engineUnavailable,
                "media-engine-child could not start, or is of another version than this program."
            )
        case (.signaled(SIGXCPU), _):
            throw MediaError(.limitExceeded, "The work needs more processor time than is allowed.")
        case (.signaled(let signal), _):
            if complaintsAboutMemory { throw VipsText.outOfMemory }
            throw MediaError(.engineCrashed, Self.crash(signal))
        default:
            if complaintsAboutMemory { throw VipsText.outOfMemory }
            throw MediaError(.engineCrashed, "The media engine's process ended without an answer.")
        }
    }

    private var complaintsAboutMemory: Bool {
        ["failed to allocate", "out of memory", "Cannot allocate memory", "bad_alloc"].contains(
            where: complaints.contains
        )
    }

    private static func crash(_ signal: Int32) -> String {
        switch signal {
        case SIGKILL: "The media engine's process was killed, by an operator or for lack of memory on the machine."
        case SIGSEGV, SIGBUS: "The decoder crashed on this file (bad memory access)."
        default: "The decoder crashed on this file (signal \(signal))."
        }
    }
}
