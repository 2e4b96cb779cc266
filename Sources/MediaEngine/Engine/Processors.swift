#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What this process is and runs on.
enum Processors {
    /// Processors that are online; at least one.
    static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
    /// This process's identifier.
    static var ownProcess: Int32 { getpid() }
}
