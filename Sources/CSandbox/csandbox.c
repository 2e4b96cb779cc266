#define _GNU_SOURCE
#include "csandbox.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>)
#include <linux/landlock.h>
#define HAS_LANDLOCK 1
#endif

static int set_limit(int which, uint64_t value) {
    struct rlimit limit = {value, value};
    // An administrator's hard limit below ours stays.
    struct rlimit current;
    if (getrlimit(which, &current) == 0 && current.rlim_max < value) limit.rlim_cur = limit.rlim_max = current.rlim_max;
    return setrlimit(which, &limit) == 0 ? 0 : errno;
}

static uint64_t address_space_in_use(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;
    if (file) {
        if (fscanf(file, "%lu", &pages) != 1) pages = 0;
        fclose(file);
    }
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

int csandbox_limit(const CSandboxLimits *limits) {
    int error = set_limit(RLIMIT_CORE, 0);
    if (!error) error = set_limit(RLIMIT_DATA, limits->data_bytes);
    if (!error) error = set_limit(RLIMIT_AS, address_space_in_use() + limits->address_bytes);
    if (!error) error = set_limit(RLIMIT_CPU, limits->cpu_seconds);
    if (!error) error = set_limit(RLIMIT_FSIZE, limits->file_bytes);
    if (!error && signal(SIGXFSZ, SIG_IGN) == SIG_ERR) error = errno;
    return error;
}

int csandbox_die_with_parent(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    // The parent may have died before the line above.
    return getppid() == parent ? 0 : ESRCH;
}

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef NATIVE_ARCH

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_LOW(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define LOAD_HIGH(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]) + 4)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(code) RETURN(SECCOMP_RET_ERRNO | (code))
// Needs the call's number loaded, and leaves it loaded.
#define DENY(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), REFUSE(EPERM)
#define UNLESS(name, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, skip)

int csandbox_restrict_calls(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
        RETURN(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
#if defined(__x86_64__)
        // The x32 table is a second door to the same calls.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        REFUSE(EPERM),
        DENY(fork),
        DENY(vfork),
        DENY(mknod),
#endif
        DENY(socket), DENY(socketpair), DENY(connect), DENY(bind), DENY(listen), DENY(accept), DENY(accept4),
        DENY(sendto), DENY(sendmsg), DENY(sendmmsg), DENY(recvfrom), DENY(recvmsg), DENY(recvmmsg),
        DENY(execve), DENY(execveat), DENY(ptrace), DENY(process_vm_readv), DENY(process_vm_writev), DENY(kill),
#ifdef __NR_pidfd_open
        DENY(pidfd_open),
#endif
#ifdef __NR_pidfd_getfd
        DENY(pidfd_getfd),
#endif
#ifdef __NR_pidfd_send_signal
        DENY(pidfd_send_signal),
#endif
#ifdef __NR_io_uring_setup
        DENY(io_uring_setup), DENY(io_uring_enter), DENY(io_uring_register),
#endif
        DENY(bpf), DENY(perf_event_open), DENY(userfaultfd), DENY(keyctl), DENY(add_key), DENY(request_key),
        DENY(mount), DENY(umount2), DENY(pivot_root), DENY(chroot), DENY(unshare), DENY(setns), DENY(mknodat),
        DENY(init_module), DENY(finit_module), DENY(delete_module), DENY(kexec_load), DENY(reboot),
        DENY(open_by_handle_at), DENY(name_to_handle_at), DENY(setrlimit), DENY(acct), DENY(swapon), DENY(quotactl),
        // glibc falls back to clone, whose flags a filter can see.
#ifdef __NR_clone3
        UNLESS(clone3, 1),
        REFUSE(ENOSYS),
#endif
        UNLESS(clone, 4),
        LOAD_LOW(0),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x00010000 /* CLONE_THREAD */, 1, 0),
        REFUSE(EPERM),
        LOAD(nr),
        // Reading limits is fine, setting them is not.
        UNLESS(prlimit64, 6),
        LOAD_LOW(2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2),
        LOAD_HIGH(2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
        REFUSE(EPERM),
        LOAD(nr),
        // The death of the parent stays deadly.
        UNLESS(prctl, 3),
        LOAD_LOW(0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_PDEATHSIG, 0, 1),
        REFUSE(EPERM),
        RETURN(SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};
    // TSYNC: threads that libraries started before are behind the wall too.
    long status = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    if (status == 0) return 0;
    return status > 0 ? EBUSY : errno;
}

#else

int csandbox_restrict_calls(void) { return CSANDBOX_UNSUPPORTED; }

#endif

#ifdef HAS_LANDLOCK

#define READ_ACCESS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITE_ACCESS \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE | \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)
#define FILE_ACCESS \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
// All of the first version of Landlock, so that what is not granted is refused.
#define HANDLED_ACCESS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static int grant(int ruleset, const char *path, uint64_t access) {
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    if (descriptor < 0) return errno;
    struct stat status;
    if (fstat(descriptor, &status) == 0 && !S_ISDIR(status.st_mode)) access &= FILE_ACCESS;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = descriptor};
    int error = syscall(__NR_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? errno : 0;
    close(descriptor);
    return error;
}

int csandbox_restrict_files(const char *const *readable, int count, const char *writable) {
    struct landlock_ruleset_attr attributes = {.handled_access_fs = HANDLED_ACCESS};
    int ruleset = (int)syscall(__NR_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    if (ruleset < 0) return errno == ENOSYS || errno == EOPNOTSUPP ? CSANDBOX_UNSUPPORTED : errno;
    // Libraries that are loaded when they are first used; not all exist everywhere.
    static const char *const system[] = {
        "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null",
        "/dev/zero", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system",
    };
    for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++) (void)grant(ruleset, system[i], READ_ACCESS);
    int error = 0;
    for (int i = 0; i < count && !error; i++) error = grant(ruleset, readable[i], READ_ACCESS);
    if (!error && writable) error = grant(ruleset, writable, WRITE_ACCESS);
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) error = errno;
    if (!error && syscall(__NR_landlock_restrict_self, ruleset, 0) != 0) error = errno;
    close(ruleset);
    return error;
}

#else

int csandbox_restrict_files(const char *const *readable, int count, const char *writable) {
    return CSANDBOX_UNSUPPORTED;
}

#endif

static int memory_exit_code;

// Only calls that are safe in a signal handler.
static void on_fatal_signal(int number) {
    size_t probe = 32u << 20;
    void *memory = mmap(NULL, probe, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) _exit(memory_exit_code);
    signal(number, SIG_DFL);
    raise(number);
}

int csandbox_exit_when_out_of_memory(int code) {
    static char stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    if (sigaltstack(&alternate, NULL) != 0) return errno;
    memory_exit_code = code;
    struct sigaction action = {.sa_handler = on_fatal_signal, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGABRT, SIGTRAP, SIGILL, SIGSEGV, SIGBUS};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (sigaction(numbers[i], &action, NULL) != 0) return errno;
    return 0;
}

int csandbox_memory_file(void) { return memfd_create("media-request", MFD_CLOEXEC); }

#else

int csandbox_memory_file(void) { return -1; }
int csandbox_limit(const CSandboxLimits *limits) { return CSANDBOX_UNSUPPORTED; }
int csandbox_die_with_parent(pid_t parent) { return CSANDBOX_UNSUPPORTED; }
int csandbox_restrict_calls(void) { return CSANDBOX_UNSUPPORTED; }
int csandbox_restrict_files(const char *const *readable, int count, const char *writable) {
    return CSANDBOX_UNSUPPORTED;
}
int csandbox_exit_when_out_of_memory(int code) { return CSANDBOX_UNSUPPORTED; }

#endif
