// The walls around a decoding process, for a process that puts itself behind them. Linux only; elsewhere every function
// reports CSANDBOX_UNSUPPORTED. All return 0, or an errno.
#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdint.h>
#include <sys/types.h>

// Of no errno's range.
#define CSANDBOX_UNSUPPORTED 100000

typedef struct {
    uint64_t data_bytes;     // private writable memory: heap, stacks
    uint64_t address_bytes;  // more address space than is in use when this is called
    uint64_t cpu_seconds;
    uint64_t file_bytes;  // of each file written
} CSandboxLimits;

// Kernel limits on memory, processor time and file size; no core dump. A write beyond `file_bytes` fails with EFBIG.
int csandbox_limit(const CSandboxLimits *limits);

// The kernel kills this process when the thread that started it ends. Fails with ESRCH when `parent` is gone already.
int csandbox_die_with_parent(pid_t parent);

// From here on no new privileges, no socket, no other program, no new process, no look into others, no limit lifted.
// Threads may still be started. What is refused fails with EPERM.
int csandbox_restrict_calls(void);

// From here on this thread, and threads it starts, read only `readable` (files, or folders with all inside), the system's
// libraries and a few devices, and write only below `writable` (NULL: nowhere). CSANDBOX_UNSUPPORTED on kernels without Landlock.
int csandbox_restrict_files(const char *const *readable, int count, const char *writable);

// When a fatal signal comes while memory is used up, exits with `code` instead of dying of the signal.
int csandbox_exit_when_out_of_memory(int code);

// A new nameless file in memory, closed on exec; negative on failure. For what a child reads from its standard input.
int csandbox_memory_file(void);

#endif
