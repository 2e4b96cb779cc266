internal import CSandbox

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Puts the calling process behind walls, for good.
enum Sandbox {
    /// Limits, no new files but the request's, no network, no other processes, no life after the parent.
    ///
    /// Must be called on the thread that does the work, before it starts others. File access is only restricted on kernels
    /// with Landlock (5.13 and later); all else must succeed.
    ///
    /// - Throws: `engineUnavailable` when a wall cannot be put up; then nothing may be decoded.
    static func enter(_ request: ChildRequest) throws(MediaError) {
        try check(csandbox_die_with_parent(request.parent), "tie itself to its parent")
        try check(csandbox_exit_when_out_of_memory(ChildStatus.outOfMemory), "watch its memory")
        let memory = UInt64(max(request.limits.childMemoryBytes, 0))
        var limits = CSandboxLimits(
            data_bytes: memory,
            // Beside private memory: mapped files, and address space that allocators reserve and do not use.
            address_bytes: memory + 1 << 30,
            cpu_seconds: UInt64(max(request.limits.childProcessorSeconds, 1)),
            file_bytes: UInt64(max(request.limits.maxOutputBytes, 0))
        )
        try check(csandbox_limit(&limits), "limit its memory")
        let status = withCString(request.job.input) { input in
            [input].withUnsafeBufferPointer { readable in
                if let directory = request.directory {
                    directory.withCString { csandbox_restrict_files(readable.baseAddress, 1, $0) }
                } else {
                    csandbox_restrict_files(readable.baseAddress, 1, nil)
                }
            }
        }
        // A missing input is the job's failure, not the sandbox's: it is found again, and reported, when it is opened.
        if status != CSANDBOX_UNSUPPORTED, status != ENOENT { try check(status, "restrict its files") }
        try check(csandbox_restrict_calls(), "restrict its system calls")
    }

    private static func withCString(_ text: String, _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
        text.withCString { body($0) }
    }

    private static func check(_ status: Int32, _ what: String) throws(MediaError) {
        guard status != 0 else { return }
        throw MediaError(
            .engineUnavailable,
            "The media engine's process could not \(what) (error \(status)). Run it on Linux 4.14 or later with seccomp, "
                + "or choose to run in process."
        )
    }
}
