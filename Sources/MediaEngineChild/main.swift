internal import MediaEngine

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// `_exit`: handlers of libraries that run at exit have nothing to do for a process with one job.
_exit(EngineChild.main())
