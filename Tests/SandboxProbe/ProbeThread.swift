internal import Glibc

/// A thread outside of the main actor, which the top level of a program is on.
enum ProbeThread {
    /// True when a thread can be started and waited for.
    static func starts() -> Bool {
        var thread = pthread_t()
        return pthread_create(&thread, nil, { _ in nil }, nil) == 0 && pthread_join(thread, nil) == 0
    }
}
